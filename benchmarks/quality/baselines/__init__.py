"""Systems that Cognate is compared with. Each module has one function ``answers`` of the same shape."""
