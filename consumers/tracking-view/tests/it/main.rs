//! Projections against the fold of the log, with the database's rule of who wins a cell.

mod histories;
mod lists;
mod order;
mod replies;
