//! Who may call what. This table is the only place where that is said: the gateway routes by it and checks by it, each
//! service checks by it again, and a call that isn't in it is nobody's.

use axum::http::Method;

use crate::Denied;
use crate::Role::{self, Admin, Operator, Producer, Public, Reader};

/// Which service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Commands.
    CommandApi,
    /// Reads.
    QueryApi,
    /// Configuration.
    ConfigService,
    /// Who runs where.
    DiscoveryService,
    /// Pages for whoever keeps the system running.
    Console,
}

impl Service {
    /// Each.
    pub const ALL: [Self; 5] =
        [Self::CommandApi, Self::QueryApi, Self::ConfigService, Self::DiscoveryService, Self::Console];

    /// As it stands in the registry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommandApi => "command-api",
            Self::QueryApi => "query-api",
            Self::ConfigService => "config-service",
            Self::DiscoveryService => "discovery-service",
            Self::Console => "console",
        }
    }
}

/// What kind of call it is: limits, timeouts and retries at the gateway are set for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// One command.
    Command,
    /// A stream of commands, as long as the caller likes.
    CommandStream,
    /// One thing is read.
    Read,
    /// A page of a list.
    List,
    /// Events as they come, as long as the caller likes.
    Live,
    /// What everybody may look up.
    Track,
    /// Configuration and registry.
    Control,
    /// Pages of the console, their files, and its forms.
    Console,
}

impl Class {
    /// Each.
    pub const ALL: [Self; 8] = [
        Self::Command,
        Self::CommandStream,
        Self::Read,
        Self::List,
        Self::Live,
        Self::Track,
        Self::Control,
        Self::Console,
    ];

    /// As it is written in settings, metrics and documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::CommandStream => "command_stream",
            Self::Read => "read",
            Self::List => "list",
            Self::Live => "live",
            Self::Track => "track",
            Self::Control => "control",
            Self::Console => "console",
        }
    }
}

/// How a service is reached for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through the gateway, or at the service itself.
    Gateway,
    /// At the service itself only: foreign clients' addresses, which would take the gateway's own.
    Direct,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who answers.
    pub service: Service,
    /// The method; `HEAD` goes with `GET`.
    pub method: Method,
    /// The path's template, as the service declares it.
    pub path: &'static str,
    /// What kind of call it is.
    pub class: Class,
    /// Who may.
    pub roles: &'static [Role],
    /// How it is reached.
    pub way: Way,
}

const EVERYBODY: &[Role] = &[Public, Reader, Producer, Operator, Admin];
const WHO_READS: &[Role] = &[Reader, Producer, Operator, Admin];
const WHO_COMMANDS: &[Role] = &[Producer, Admin];
/// Whoever commands, and who keeps the system running: what takes back or ends, and says nothing of anybody.
const WHO_MENDS: &[Role] = &[Producer, Operator, Admin];
const WHO_OPERATES: &[Role] = &[Operator, Admin];

use Class::{Command, CommandStream, Control, List, Live, Read, Track};
use Service::{CommandApi, ConfigService, DiscoveryService, QueryApi};

/// The table.
pub const CALLS: &[Call] = &[
    call(CommandApi, Method::POST, "/api/v1/shipments", Command, WHO_COMMANDS),
    call(CommandApi, Method::PATCH, "/api/v1/shipments/{id}", Command, WHO_COMMANDS),
    call(CommandApi, Method::POST, "/api/v1/shipments/{id}/scans", Command, WHO_COMMANDS),
    call(CommandApi, Method::POST, "/api/v1/shipments/{id}/scans/{event_id}/retraction", Command, WHO_MENDS),
    call(CommandApi, Method::POST, "/api/v1/shipments/{id}/cancellation", Command, WHO_MENDS),
    call(CommandApi, Method::POST, "/api/v1/shipments/{id}/archive", Command, WHO_MENDS),
    call(CommandApi, Method::POST, "/api/v1/commands", CommandStream, WHO_COMMANDS),
    //
    call(QueryApi, Method::GET, "/api/v1/shipments", List, WHO_READS),
    call(QueryApi, Method::GET, "/api/v1/shipments/{id}", Read, WHO_READS),
    call(QueryApi, Method::GET, "/api/v1/shipments/{id}/history", Read, WHO_READS),
    call(QueryApi, Method::GET, "/api/v1/shipments/{id}/live", Live, WHO_READS),
    call(QueryApi, Method::GET, "/api/v1/commands/{command_id}", Read, WHO_READS),
    call(QueryApi, Method::GET, "/api/v1/tracking/{number}", Track, EVERYBODY),
    call(QueryApi, Method::POST, "/api/v1/tracking", Track, EVERYBODY),
    call(QueryApi, Method::GET, "/track", Track, EVERYBODY),
    call(QueryApi, Method::GET, "/track/{number}", Track, EVERYBODY),
    call(QueryApi, Method::GET, "/track/live", Live, EVERYBODY),
    call(QueryApi, Method::GET, "/track/assets/{file}", Track, EVERYBODY),
    //
    call(ConfigService, Method::GET, "/api/v1/config", Control, WHO_OPERATES),
    call(ConfigService, Method::GET, "/api/v1/config-keys", Control, WHO_OPERATES),
    call(ConfigService, Method::GET, "/api/v1/config-instances", Control, WHO_OPERATES),
    call(ConfigService, Method::GET, "/api/v1/config/{application}/{profile}", Control, WHO_OPERATES),
    call(ConfigService, Method::POST, "/api/v1/config/{application}/{profile}", Control, WHO_OPERATES),
    call(
        ConfigService,
        Method::GET,
        "/api/v1/config/{application}/{profile}/entries/{name}",
        Control,
        WHO_OPERATES,
    ),
    call(
        ConfigService,
        Method::PUT,
        "/api/v1/config/{application}/{profile}/entries/{name}",
        Control,
        WHO_OPERATES,
    ),
    call(
        ConfigService,
        Method::DELETE,
        "/api/v1/config/{application}/{profile}/entries/{name}",
        Control,
        WHO_OPERATES,
    ),
    call(ConfigService, Method::GET, "/api/v1/config/{application}/{profile}/history", Control, WHO_OPERATES),
    call(ConfigService, Method::GET, "/api/v1/config/{application}/{profile}/diff", Control, WHO_OPERATES),
    call(
        ConfigService,
        Method::POST,
        "/api/v1/config/{application}/{profile}/rollback",
        Control,
        WHO_OPERATES,
    ),
    direct(ConfigService, Method::GET, "/{application}/{profile}"),
    direct(ConfigService, Method::GET, "/{application}/{profile}/{label}"),
    //
    call(DiscoveryService, Method::GET, "/api/v1/services", Control, WHO_OPERATES),
    call(DiscoveryService, Method::GET, "/api/v1/services/{service}", Control, WHO_OPERATES),
    call(DiscoveryService, Method::GET, "/api/v1/services/{service}/{instance}", Control, WHO_OPERATES),
    call(
        DiscoveryService,
        Method::PUT,
        "/api/v1/services/{service}/{instance}/status",
        Control,
        WHO_OPERATES,
    ),
    call(
        DiscoveryService,
        Method::DELETE,
        "/api/v1/services/{service}/{instance}/status",
        Control,
        WHO_OPERATES,
    ),
    call(DiscoveryService, Method::GET, "/api/v1/changes", Live, WHO_OPERATES),
    direct(DiscoveryService, Method::GET, "/prometheus/targets"),
    direct(DiscoveryService, Method::GET, "/eureka/apps"),
    direct(DiscoveryService, Method::GET, "/eureka/apps/"),
    direct(DiscoveryService, Method::GET, "/eureka/apps/delta"),
    direct(DiscoveryService, Method::GET, "/eureka/apps/{app}"),
    direct(DiscoveryService, Method::GET, "/eureka/apps/{app}/{id}"),
    direct(DiscoveryService, Method::GET, "/eureka/instances/{id}"),
    direct(DiscoveryService, Method::GET, "/eureka/vips/{vip}"),
    direct(DiscoveryService, Method::GET, "/eureka/svips/{vip}"),
    direct(DiscoveryService, Method::POST, "/eureka/apps/{app}"),
    direct(DiscoveryService, Method::PUT, "/eureka/apps/{app}/{id}"),
    direct(DiscoveryService, Method::DELETE, "/eureka/apps/{app}/{id}"),
    direct(DiscoveryService, Method::PUT, "/eureka/apps/{app}/{id}/status"),
    direct(DiscoveryService, Method::DELETE, "/eureka/apps/{app}/{id}/status"),
    direct(DiscoveryService, Method::PUT, "/eureka/apps/{app}/{id}/metadata"),
    //
    page(Method::GET, "/console/sign-in", EVERYBODY),
    page(Method::POST, "/console/sign-in", EVERYBODY),
    page(Method::POST, "/console/sign-out", EVERYBODY),
    page(Method::GET, "/console/assets/{file}", EVERYBODY),
    page(Method::GET, "/console", WHO_OPERATES),
    page(Method::GET, "/console/shipments", WHO_OPERATES),
    page(Method::GET, "/console/shipments/{id}", WHO_OPERATES),
    page(Method::GET, "/console/shipments/{id}/commands/{what}", WHO_OPERATES),
    page(Method::POST, "/console/shipments/{id}/commands/{what}", WHO_OPERATES),
    page(Method::GET, "/console/events", WHO_OPERATES),
    page(Method::GET, "/console/events/{topic}", WHO_OPERATES),
    page(Method::GET, "/console/events/{topic}/{at}", WHO_OPERATES),
    call(Service::Console, Method::GET, "/console/events/{topic}/live", Live, WHO_OPERATES),
    call(Service::Console, Method::GET, "/console/events/{topic}/export", Live, WHO_OPERATES),
    page(Method::GET, "/console/projections", WHO_OPERATES),
    page(Method::POST, "/console/projections", WHO_OPERATES),
    page(Method::GET, "/console/projections/dead-letters", WHO_OPERATES),
    page(Method::POST, "/console/projections/dead-letters", WHO_OPERATES),
    page(Method::GET, "/console/projections/dead-letters/{at}", WHO_OPERATES),
    page(Method::POST, "/console/projections/dead-letters/{at}", WHO_OPERATES),
    page(Method::GET, "/console/", WHO_OPERATES),
    page(Method::GET, "/console/services", WHO_OPERATES),
    page(Method::GET, "/console/services/{service}/{instance}", WHO_OPERATES),
    page(Method::POST, "/console/services/{service}/{instance}", WHO_OPERATES),
    page(Method::GET, "/console/config", WHO_OPERATES),
    page(Method::GET, "/console/config/{name}", WHO_OPERATES),
    page(Method::POST, "/console/config/{name}", WHO_OPERATES),
    page(Method::GET, "/console/config-history", WHO_OPERATES),
    page(Method::POST, "/console/config-history", WHO_OPERATES),
    // What there is not, as a page that says so.
    page(Method::GET, "/console/{*rest}", WHO_OPERATES),
];

/// The line for a method and path template of a service. None means that nobody may.
pub fn find(service: Service, method: &Method, path: &str) -> Option<&'static Call> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    CALLS.iter().find(|call| call.service == service && call.method == *method && call.path == path)
}

impl Call {
    /// Whether this role may.
    pub fn is_for(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// That this role may.
    ///
    /// # Errors
    /// When it may not.
    pub fn admit(&self, role: Role) -> Result<(), Denied> {
        if self.is_for(role) { Ok(()) } else { Err(Denied::of_role(role)) }
    }
}

const fn call(
    service: Service,
    method: Method,
    path: &'static str,
    class: Class,
    roles: &'static [Role],
) -> Call {
    Call { service, method, path, class, roles, way: Way::Gateway }
}

const fn page(method: Method, path: &'static str, roles: &'static [Role]) -> Call {
    call(Service::Console, method, path, Class::Console, roles)
}

const fn direct(service: Service, method: Method, path: &'static str) -> Call {
    Call { service, method, path, class: Control, roles: WHO_OPERATES, way: Way::Direct }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_page_on_security_shows_the_table_as_it_is() {
        let head = format!("{:<17} {:<6} {:<64} {:<14} who\n", "service", "method", "path", "kind");
        let line = |call: &Call| {
            let who: Vec<&str> = call.roles.iter().map(|role| role.name()).collect();
            let path =
                if call.way == Way::Direct { format!("{} *", call.path) } else { call.path.to_owned() };
            let (service, method, kind) = (call.service.name(), call.method.as_str(), call.class.name());
            format!("{service:<17} {method:<6} {path:<64} {kind:<14} {}\n", who.join(", "))
        };
        let table: String = std::iter::once(head).chain(CALLS.iter().map(line)).collect();
        testkit::assert_fence("security.md", "calls", &table);
    }

    #[test]
    fn what_is_not_in_the_table_is_nobodys() {
        assert!(find(QueryApi, &Method::DELETE, "/api/v1/shipments/{id}").is_none());
        assert!(find(CommandApi, &Method::GET, "/api/v1/shipments/{id}").is_none());
    }

    #[test]
    fn head_goes_with_get() {
        assert!(find(QueryApi, &Method::HEAD, "/api/v1/shipments/{id}").is_some());
    }

    #[test]
    fn no_call_has_two_lines() {
        let mut seen = HashSet::new();
        assert!(CALLS.iter().all(|call| seen.insert((call.service, call.method.clone(), call.path))));
        // Seen from the gateway, the service makes no difference.
        let outside: Vec<_> = CALLS.iter().filter(|call| call.way == Way::Gateway).collect();
        let distinct: HashSet<_> = outside.iter().map(|call| (&call.method, call.path)).collect();
        assert_eq!(distinct.len(), outside.len());
    }

    #[test]
    fn only_tracking_and_signing_in_are_public_and_an_admin_may_all() {
        let signing_in = ["/console/sign-in", "/console/sign-out", "/console/assets/{file}"];
        for call in CALLS {
            // The tracking page's stream says that something changed, and nothing else.
            let is_public =
                call.class == Track || call.path == "/track/live" || signing_in.contains(&call.path);
            assert_eq!(call.is_for(Public), is_public, "{} {}", call.method, call.path);
            assert!(call.is_for(Admin), "{} {}", call.method, call.path);
        }
    }
}
