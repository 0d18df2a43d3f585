"""What runs in functions of AWS Lambda: each file by itself, without the rest of Kibble."""
