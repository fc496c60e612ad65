//! Tokens of a real Keycloak. `PT_TEST_KEYCLOAK` is the folder that its distribution was unpacked to
//! (`org.keycloak:keycloak-quarkus-dist`, 26); without it the test is left out. `make test-keycloak` fetches it and runs this.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use auth::{Denied, Role};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use reqwest::Client;
use serde_json::{Value, json};

use crate::world::{World, who};

const SECRET: &str = "a-secret-for-one-test-alone";
/// It builds itself at its first start.
const TRIES: u32 = 600;

struct Keycloak {
    process: Child,
    url: String,
    http: Client,
}

impl Drop for Keycloak {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGKILL);
        let _ = self.process.wait();
    }
}

impl Keycloak {
    async fn start(folder: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(format!("{folder}/bin/kc.sh"))
            .args(["start-dev", "--http-host=127.0.0.1", "--db=dev-mem", "--cache=local"])
            .arg(format!("--http-port={port}"))
            .env("KC_BOOTSTRAP_ADMIN_USERNAME", "admin")
            .env("KC_BOOTSTRAP_ADMIN_PASSWORD", SECRET)
            .env("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let http = Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
        let this = Self { process, url: format!("http://127.0.0.1:{port}"), http };
        let url = format!("{}/realms/master", this.url);
        for _ in 0..TRIES {
            if this.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return this;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("Keycloak does not start");
    }

    async fn token(&self, realm: &str, form: &str) -> String {
        let url = format!("{}/realms/{realm}/protocol/openid-connect/token", self.url);
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.to_owned()).send().await.unwrap();
        let answer: Value = answer.error_for_status().unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A token of a client's own.
    async fn of_client(&self, client: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={client}&client_secret={SECRET}");
        self.token("parcels", &form).await
    }

    async fn post(&self, path: &str, body: &Value) {
        let form = format!("grant_type=password&client_id=admin-cli&username=admin&password={SECRET}");
        let admin = self.token("master", &form).await;
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(admin).json(body);
        request.send().await.unwrap().error_for_status().unwrap();
    }
}

/// Two clients with the role of producers; the tokens of one are meant for us, and name its customer.
fn realm() -> Value {
    let mapper = |name: &str, of: &str, config: Value| json!({ "name": name, "protocol": "openid-connect", "protocolMapper": of, "config": config });
    let audience = json!({ "included.custom.audience": "parceltrack", "access.token.claim": "true" });
    let customers = json!({
        "claim.name": "customers", "claim.value": r#"["acme"]"#, "jsonType.label": "JSON", "access.token.claim": "true",
    });
    let mappers = json!([
        mapper("audience", "oidc-audience-mapper", audience),
        mapper("customers", "oidc-hardcoded-claim-mapper", customers),
    ]);
    let client = |id: &str, mappers: Value| json!({ "clientId": id, "secret": SECRET, "serviceAccountsEnabled": true, "protocolMappers": mappers });
    let user = |id: &str| {
        json!({
            "username": format!("service-account-{id}"), "enabled": true, "serviceAccountClientId": id,
            "realmRoles": ["producer"],
        })
    };
    json!({
        "realm": "parcels", "enabled": true, "roles": { "realm": [{ "name": "producer" }] },
        "clients": [client("shop", mappers), client("stranger", json!([]))],
        "users": [user("shop"), user("stranger")],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn keycloaks_tokens_are_good_also_after_it_changed_its_keys() {
    let Ok(folder) = std::env::var("PT_TEST_KEYCLOAK") else {
        eprintln!("PT_TEST_KEYCLOAK is not set: skipped");
        return;
    };
    let keycloak = Keycloak::start(&folder).await;
    keycloak.post("/admin/realms", &realm()).await;
    let world = World::at("127.0.0.1:1");
    let issuer = format!("{}/realms/parcels", keycloak.url);
    let gatekeeper = world.gatekeeper(&[&format!("auth.issuer={issuer}")]);

    let first = keycloak.of_client("shop").await;
    let principal = who(&gatekeeper, &first).await.unwrap();
    assert_eq!(principal.role(), Role::Producer);
    assert!(principal.name().starts_with(&format!("oidc:{issuer}#")), "{}", principal.name());
    assert!(principal.customers().include("acme") && !principal.customers().include("globex"));
    let stranger = keycloak.of_client("stranger").await;
    assert!(matches!(who(&gatekeeper, &stranger).await, Err(Denied::Invalid(_))), "meant for somebody else");

    let key = json!({
        "name": "another", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
        "config": { "priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["PS256"] },
    });
    keycloak.post("/admin/realms/parcels/components", &key).await;
    let rsa = json!({
        "name": "newer", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
        "config": { "priority": ["300"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"] },
    });
    keycloak.post("/admin/realms/parcels/components", &rsa).await;
    let second = keycloak.of_client("shop").await;
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(header(&first), header(&second), "it is signed with the new key");
    assert!(who(&gatekeeper, &second).await.is_ok());
    assert!(who(&gatekeeper, &first).await.is_ok(), "the old key is still published");
}
