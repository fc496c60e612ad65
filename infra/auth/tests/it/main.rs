//! Callers, against a real Kafka and an issuer of the test's own: `PARCELTRACK_KAFKA` says where Kafka is (`make test` starts it).
//! Each test has topics of its own.

mod guard;
mod issuer;
mod keycloak;
mod keys;
mod standing;
mod tokens;
mod world;
