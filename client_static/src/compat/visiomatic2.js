// The names of VisiOmatic 2 in the page's own L.
