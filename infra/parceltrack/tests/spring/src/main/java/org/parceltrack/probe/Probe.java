package org.parceltrack.probe;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells what a Spring service sees of its configuration and of other services. */
@SpringBootApplication
@RestController
public class Probe {
    private final ConfigurableEnvironment environment;
    private final DiscoveryClient discovery;

    Probe(ConfigurableEnvironment environment, DiscoveryClient discovery) {
        this.environment = environment;
        this.discovery = discovery;
    }

    public static void main(String[] args) {
        SpringApplication.run(Probe.class, args);
    }

    /** The value in force of each of these properties that is set. */
    @GetMapping("/properties")
    Map<String, String> properties(@RequestParam List<String> name) {
        Map<String, String> found = new TreeMap<>();
        name.forEach(each -> {
            String value = environment.getProperty(each);
            if (value != null) {
                found.put(each, value);
            }
        });
        return found;
    }

    /** The names of what came from the config server, the one that counts most first. */
    @GetMapping("/sources")
    List<String> sources() {
        return environment.getPropertySources().stream()
                .map(PropertySource::getName)
                .filter(each -> each.startsWith("configserver:"))
                .toList();
    }

    /** Where a service's instances are that take requests. */
    @GetMapping("/instances")
    List<URI> instances(@RequestParam String service) {
        return discovery.getInstances(service).stream().map(ServiceInstance::getUri).toList();
    }
}
