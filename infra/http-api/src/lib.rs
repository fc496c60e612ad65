//! What both HTTP APIs share: problems, preconditions, limits, documentation page, graceful serving.
//!
//! An API declares its handlers in [`Routes`], puts them into an [`Api`] with its limits, OpenAPI
//! document and readiness, and gives the router that comes out to a [`Server`].
#![forbid(unsafe_code)]

mod api;
mod bounds;
mod catalogue;
mod context;
pub mod docs;
mod entity_tag;
mod extract;
mod fallbacks;
pub mod html;
pub mod metrics;
mod observe;
pub mod openapi;
mod precondition;
mod prefer;
mod problem;
mod routes;
mod runbooks;
mod serve;
pub mod sse;

pub use api::{Api, Limits};
pub use catalogue::{ErrorDoc, HTTP_ERRORS, codes};
pub use context::RequestContext;
pub use entity_tag::EntityTag;
pub use extract::{JsonBody, OptionalJsonBody, PathParams, QueryParams, from_json};
pub use precondition::{Condition, if_match, if_none_match, not_modified};
pub use prefer::Prefer;
pub use problem::{FieldError, Problem};
pub use routes::{Declared, Routes};
pub use runbooks::RUNBOOKS;
pub use serve::{Error, Server, ServerLimits, serve};
