//! Events topic in, ScyllaDB out; rebuild; dead letters.
