//! Eureka's words for what the registry holds.
//!
//! Shapes and answers are those of Netflix's Eureka 2.x REST API, <https://github.com/Netflix/eureka/wiki/Eureka-REST-operations>,
//! as its server gives them (`eureka-core/…/resources`, `eureka-client/…/converters`), and as the client of
//! spring-cloud-netflix reads them (`…/eureka/http/RestClientEurekaHttpClient`). Only JSON is spoken.

mod applications;
mod details;
mod lenient;
mod recent;
mod registration;
mod shown;

pub(crate) use self::applications::{Application, Applications};
pub(crate) use self::details::Details;
pub(crate) use self::recent::Recent;
pub(crate) use self::registration::Asked;
pub(crate) use self::shown::{Action, Shown};

/// Where a lease keeps what only Eureka clients understand, as JSON. Whatever begins so is not shown to them as metadata.
pub(crate) const DETAILS: &str = "eureka.instance";
/// What such names begin with.
pub(crate) const PREFIX: &str = "eureka.";
