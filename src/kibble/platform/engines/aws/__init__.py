"""Amazon's services, through boto3 (the extra ``aws``): imported where one is chosen."""
