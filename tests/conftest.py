"""For all tests: botocore reads its descriptions of AWS once, not anew for every test that makes a client."""

import functools

import botocore.loaders

botocore.loaders.create_loader = functools.cache(botocore.loaders.create_loader)
