"""Which store keeps files: what a setting or a command says.

=====================================================  ===========================================
an address                                             files are
=====================================================  ===========================================
(empty)                                                in the data folder
``/a/folder``                                          in that folder
``s3://BUCKET``, ``s3://BUCKET/PREFIX``                in a bucket, with the machine's credentials
``s3://KEY:SECRET@BUCKET/PREFIX``                      in a bucket, with these
=====================================================  ===========================================

``?region=``, ``?kms=KEY-ID`` (encrypted by that key) and ``?endpoint=URL`` (elsewhere than at AWS)
may follow.
"""

from __future__ import annotations

from pathlib import Path

from kibble.platform.engines.folder import FolderFiles
from kibble.platform.files import Files
from kibble.platform.outside_url import OutsideUrl

S3 = "s3://"


def choose_files(variable: str, address: str, folder: Path) -> Files:
    """Return the store at an address; ``folder`` is where files are without one.

    Raises ``ValueError`` with a sentence for the operator, beginning with ``variable``, for an
    address that is none and for a library that is not installed.
    """
    if not address:
        return FolderFiles(folder)
    if "://" not in address:
        return FolderFiles(Path(address))
    url = OutsideUrl(variable, address)
    if url.scheme != "s3":
        raise url.wrong("must be a folder, or begin with s3://")
    try:
        from kibble.platform.engines.aws.account import AwsAccount  # noqa: PLC0415 - boto3
        from kibble.platform.engines.aws.s3 import Bucket, S3Files  # noqa: PLC0415 - boto3
    except ImportError as error:
        raise url.needs("aws", error) from error
    account = AwsAccount(url.options.get("region"), url.username, url.password, url.endpoint)
    try:
        return S3Files(variable, account, Bucket(url.host, url.path, url.options.get("kms")))
    except ValueError as error:
        raise url.wrong(str(error)) from error
