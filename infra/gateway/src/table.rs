//! From a method and path to a line of the table of calls.

use auth::calls::CALLS;
use auth::{Call, Way};
use http::Method;

/// Where a request goes.
#[derive(Debug)]
pub(crate) enum Found {
    /// To the service of this call.
    Call(&'static Call),
    /// The path is known, but not with this method; these it has.
    OtherMethods(Methods),
    /// Nowhere.
    Nothing,
}

/// The methods of a path, as in `Allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    /// `GET, HEAD, POST`
    pub(crate) list: String,
    /// The path's template.
    pub(crate) route: &'static str,
}

/// What is reached through the gateway.
pub(crate) struct Table {
    paths: matchit::Router<Vec<&'static Call>>,
}

impl Table {
    /// Of [`CALLS`].
    pub(crate) fn new() -> Self {
        let calls = || CALLS.iter().filter(|call| call.way == Way::Gateway);
        let mut paths = matchit::Router::new();
        for first in calls() {
            let same: Vec<_> = calls().filter(|call| call.path == first.path).collect();
            if same[0].method == first.method {
                paths
                    .insert(first.path, same)
                    .expect("no path of the table gets in another's way; a test makes it");
            }
        }
        Self { paths }
    }

    /// The call of a method and path.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let Ok(matched) = self.paths.at(path) else { return Found::Nothing };
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        match matched.value.iter().find(|call| call.method == *wanted) {
            Some(call) => Found::Call(call),
            None => Found::OtherMethods(methods(matched.value)),
        }
    }

    /// The methods of a path; none where there is no such path.
    pub(crate) fn methods(&self, path: &str) -> Option<Methods> {
        self.paths.at(path).ok().map(|matched| methods(matched.value))
    }
}

fn methods(calls: &[&'static Call]) -> Methods {
    let mut names: Vec<&str> = calls.iter().map(|call| call.method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.sort_unstable();
    Methods { list: names.join(", "), route: calls[0].path }
}

#[cfg(test)]
mod tests {
    use auth::Service;

    use super::*;

    #[test]
    fn a_path_is_matched_by_its_template_and_method() {
        let table = Table::new();
        for (method, path, service, route) in [
            (Method::POST, "/api/v1/shipments", Service::CommandApi, "/api/v1/shipments"),
            (Method::GET, "/api/v1/shipments", Service::QueryApi, "/api/v1/shipments"),
            (Method::HEAD, "/api/v1/shipments/7", Service::QueryApi, "/api/v1/shipments/{id}"),
            (Method::PATCH, "/api/v1/shipments/7", Service::CommandApi, "/api/v1/shipments/{id}"),
            (Method::GET, "/api/v1/changes", Service::DiscoveryService, "/api/v1/changes"),
        ] {
            match table.find(&method, path) {
                Found::Call(call) => assert_eq!((call.service, call.path), (service, route)),
                other => panic!("{method} {path}: {other:?}"),
            }
        }
    }

    #[test]
    fn each_line_for_the_gateway_is_found() {
        let table = Table::new();
        for call in CALLS {
            let path = call.path.replace(['{', '}'], "");
            let found = match table.find(&call.method, &path) {
                Found::Call(found) => {
                    (found.service, &found.method, found.path) == (call.service, &call.method, call.path)
                }
                _ => false,
            };
            assert_eq!(found, call.way == Way::Gateway, "{} {}", call.method, call.path);
        }
    }

    #[test]
    fn other_methods_are_told_and_other_paths_are_not_there() {
        let table = Table::new();
        let Found::OtherMethods(methods) = table.find(&Method::DELETE, "/api/v1/shipments/7") else {
            panic!("deleting is no call");
        };
        assert_eq!(methods.list, "GET, HEAD, PATCH");
        for path in
            ["/", "/api/v1/shipments/", "/eureka/apps", "/prometheus/targets", "/metrics", "/app/profile"]
        {
            assert!(matches!(table.find(&Method::GET, path), Found::Nothing), "{path}");
        }
    }
}
