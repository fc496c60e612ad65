//! What a caller may see of what there is. A shipment of somebody else's customer isn't there; who may not see
//! personal data gets answers without.

use auth::{Customers, Principal};
use http_api::Problem;
use shipment_events::{CustomerId, Sequence, ShipmentId};
use tracking_view::ShipmentRow;
use view_store::Detail;

use crate::endpoints::unregistered;
use crate::state::Api;

/// What is read for this caller: personal data that isn't shown isn't read either.
pub(crate) fn detail(principal: &Principal) -> Detail {
    if principal.role().sees_personal_data() { Detail::Full } else { Detail::Public }
}

fn sees_all(principal: &Principal) -> bool {
    *principal.customers() == Customers::All
}

/// Whether the row is there for this caller.
pub(crate) fn sees(principal: &Principal, row: &ShipmentRow) -> bool {
    let is_theirs = |customer: &CustomerId| sees_customer(principal, customer);
    sees_all(principal) || row.customer_id.as_ref().is_some_and(is_theirs)
}

/// Whether anything of this customer is there for this caller.
pub(crate) fn sees_customer(principal: &Principal, customer: &CustomerId) -> bool {
    principal.customers().include(customer.as_str())
}

impl Api {
    /// The version of a shipment's row; none where the shipment isn't there for this caller.
    pub(crate) async fn seen_version(
        &self,
        principal: &Principal,
        id: ShipmentId,
    ) -> Result<Option<Sequence>, Problem> {
        if sees_all(principal) {
            return self.views.version(id).await;
        }
        let row = self.views.shipment(id, Detail::Public).await?;
        Ok(row.filter(|row| sees(principal, row)).map(|row| row.version))
    }

    /// That the shipment is there for this caller, where only its id is known. Costs a read only for who may not see all.
    pub(crate) async fn expect_seen(&self, principal: &Principal, id: ShipmentId) -> Result<(), Problem> {
        if sees_all(principal) {
            return Ok(());
        }
        self.seen_version(principal, id).await?.map(|_| ()).ok_or_else(unregistered)
    }

    /// Whether the shipment is registered for a customer that isn't the caller's. What nobody has registered yet is nobody's.
    pub(crate) async fn is_somebody_elses(
        &self,
        principal: &Principal,
        id: ShipmentId,
    ) -> Result<bool, Problem> {
        if sees_all(principal) {
            return Ok(false);
        }
        let row = self.views.shipment(id, Detail::Public).await?;
        Ok(row.is_some_and(|row| row.customer_id.is_some() && !sees(principal, &row)))
    }
}
