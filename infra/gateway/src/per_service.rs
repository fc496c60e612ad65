//! One of something for each service.

use std::ops::Index;

use auth::Service;

/// Found by the service, without a hash.
#[derive(Debug)]
pub(crate) struct PerService<T>([T; Service::ALL.len()]);

impl<T: Default> Default for PerService<T> {
    fn default() -> Self {
        Self(Service::ALL.map(|_| T::default()))
    }
}

impl<T> PerService<T> {
    /// Each with its service.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Service, &T)> {
        Service::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Service> for PerService<T> {
    type Output = T;

    fn index(&self, service: Service) -> &T {
        &self.0[service as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_place() {
        let counts = PerService::<std::cell::Cell<u32>>::default();
        for service in Service::ALL {
            counts[service].set(counts[service].get() + 1);
        }
        assert!(counts.iter().all(|(_, count)| count.get() == 1));
        for (service, count) in counts.iter() {
            assert!(std::ptr::eq(count, &raw const counts[service]));
        }
    }
}
