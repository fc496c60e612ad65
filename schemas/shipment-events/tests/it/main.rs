//! What the events promise: any history folds, and the status is a function of what was said, not of when it came.

mod arbitrary;
mod examples;
mod given;
mod history;
mod lattice;
mod published;
mod statuses_doc;
mod why;
