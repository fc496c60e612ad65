//! Which roles there are, and what each is told.

use std::ffi::OsString;
use std::sync::Arc;

use local_stack::ports::free_port;
use local_stack::process::ProcessSpec;

use super::{Cluster, GATEWAY, HANDLERS, PARTITIONS, QUERY_API, Role, RoleKind};

impl Cluster {
    /// What every process of the system is told.
    pub(super) fn common(&self, bootstrap: &str) -> Vec<String> {
        let mut settings = self.installation.settings();
        settings.extend([
            format!("kafka.bootstrap={bootstrap}"),
            format!("kafka.partitions={PARTITIONS}"),
            "kafka.replication=3".to_owned(),
            format!("cql.nodes={}", self.cql),
            format!("registry.url={}", self.registry),
        ]);
        settings
    }

    /// The roles, not running yet; `behind` are the proxies.
    pub(super) fn make_roles(&mut self, behind: &str) -> anyhow::Result<()> {
        let query = free_port()?;
        for n in 1..=HANDLERS + 1 {
            let name = format!("handler-{n}");
            let (dir, mut env) = (self.state_dir(&name), Vec::new());
            if let Ok((of, clock)) = &self.fake_clock
                && *of == name
            {
                env = clock.env();
            }
            let port = free_port()?;
            let own = [
                format!("command_handler.instance={name}"),
                format!("command_handler.ops_listen=127.0.0.1:{port}"),
                format!("command_handler.state_dir={}", dir.display()),
            ];
            self.add_role(&name, RoleKind::Handler, port, behind, own.into(), env);
        }
        for n in 1..=2 {
            let (name, port) = (format!("projector-{n}"), free_port()?);
            let own =
                [format!("projector.instance={name}"), format!("projector.ops_listen=127.0.0.1:{port}")];
            self.add_role(&name, RoleKind::Projector, port, &self.bootstrap.clone(), own.into(), Vec::new());
        }
        for n in 1..=2 {
            let (name, port) = (format!("command-api-{n}"), free_port()?);
            let own = [
                format!("command_api.listen=127.0.0.1:{port}"),
                format!("command_api.instance_id={name}"),
                format!("command_api.query_url=http://127.0.0.1:{query}"),
            ];
            self.add_role(&name, RoleKind::CommandApi, port, &self.bootstrap.clone(), own.into(), Vec::new());
        }
        let own = vec![format!("query_api.listen=127.0.0.1:{query}")];
        self.add_role(QUERY_API, RoleKind::QueryApi, query, &self.bootstrap.clone(), own, Vec::new());
        for kind in [RoleKind::ConfigService, RoleKind::DiscoveryService, RoleKind::Console] {
            let (name, port) = (kind.subcommand(), free_port()?);
            let own = vec![format!("{}.listen=127.0.0.1:{port}", name.replace('-', "_"))];
            self.add_role(name, kind, port, &self.bootstrap.clone(), own, Vec::new());
        }
        let port = free_port()?;
        let own = vec![
            format!("gateway.listen=127.0.0.1:{}", self.gateway_port),
            format!("gateway.ops_listen=127.0.0.1:{port}"),
            format!("gateway.handover_socket={}", self.parts.dir.join("gateway.socket").display()),
        ];
        self.add_role(GATEWAY, RoleKind::Gateway, port, &self.bootstrap.clone(), own, Vec::new());
        Ok(())
    }

    fn add_role(
        &mut self,
        name: &str,
        kind: RoleKind,
        port: u16,
        bootstrap: &str,
        own: Vec<String>,
        mut env: Vec<(OsString, OsString)>,
    ) {
        let program = self.program_of(name).to_owned();
        env.extend(self.parts.plant.clone().map(|plant| ("PT_PLANT".into(), plant.into())));
        let mut args: Vec<OsString> = vec!["run".into(), kind.subcommand().into()];
        for set in self.common(bootstrap).into_iter().chain(own) {
            args.extend(["--set".into(), set.into()]);
        }
        let spec = ProcessSpec {
            program,
            args,
            env,
            dir: self.parts.dir.clone(),
            log: self.parts.dir.join("logs").join(format!("{name}.log")),
        };
        self.roles.push(Arc::new(Role::new(name, kind, port, spec)));
    }
}
