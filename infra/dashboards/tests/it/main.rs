//! What lies in `infra/prometheus` and `infra/grafana`, held together.

mod files;
mod names;
mod rules;
mod runbooks;
mod shape;
