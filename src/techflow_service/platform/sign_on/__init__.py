"""Sign-on servers of organisations: OpenID Connect, stricter than the library's own."""
