"""`make demo`: a dancer's first minutes with iDance, lived by a small app over HTTP.

It starts a real server and a real worker on data of its own, and from then on knows nothing but the REST API:
standard library alone, no Django, nothing of ours imported.
"""
