//! The tracking views as cell writes. Pure.
