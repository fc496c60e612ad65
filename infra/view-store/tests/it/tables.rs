use view_store::{CqlOptions, Error, Fault, ViewStore};

use crate::database::{Database, options};

#[tokio::test]
async fn tables_are_made_once_and_verified() {
    let database = Database::make().await;
    let before = database.store.generations().await.unwrap();
    assert_eq!((before.live, before.previous, before.building), (1, None, None));
    assert_eq!(database.store.apply_tables().await.unwrap(), before);
    assert_eq!(database.store.verify_tables().await.unwrap(), []);
    database.drop().await;
}

#[tokio::test]
async fn a_changed_table_is_found_with_its_fix() {
    let database = Database::make().await;
    let (session, keyspace) = (database.session().await, database.keyspace());
    for change in [
        "ALTER TABLE KS.shipments DROP weight_grams",
        "ALTER TABLE KS.shipments ADD colour text",
        "ALTER TABLE KS.shipments_by_status WITH gc_grace_seconds = 1",
        "ALTER TABLE KS.shipments_by_day WITH compaction = {'class': 'SizeTieredCompactionStrategy'}",
        "DROP TABLE KS.archived_shipments",
    ] {
        session.query_unpaged(change.replace("KS", &keyspace), ()).await.unwrap();
    }
    let differences = database.store.verify_tables().await.unwrap();
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    for part in [
        "shipments: column weight_grams is missing, should be bigint; run `parceltrack rebuild`",
        "shipments: column colour is text, should be absent; ALTER TABLE",
        "shipments_by_status: gc_grace_seconds is 1, should be 10800; ALTER TABLE",
        "shipments_by_day: compaction is",
        "archived_shipments: the table is missing, should be there; run `parceltrack tables apply`",
    ] {
        assert!(told.iter().any(|line| line.contains(part)), "{part:?} in {told:#?}");
    }
    assert_eq!(told.len(), 5, "{told:#?}");
    database.drop().await;
}

#[tokio::test]
async fn without_tables_the_way_out_is_told() {
    let store = ViewStore::connect(&options()).await.unwrap();
    let error = store.reader().await.map(drop).unwrap_err();
    assert!(matches!(error, Error::NoTables { .. }), "{error:?}");
    assert_eq!(error.fault(), Fault::Fatal);
    assert!(error.to_string().contains("parceltrack tables apply"));
    assert_eq!(store.verify_tables().await.unwrap().len(), 1);
    let error = store.writer(7).await.map(drop).unwrap_err();
    assert_eq!(error.fault(), Fault::Fatal, "{error:?}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_named() {
    let good = options();
    for (bad, name) in [
        (CqlOptions { nodes: vec![], ..good.clone() }, "nodes"),
        (CqlOptions { keyspace: "Bad-Name".to_owned(), ..good.clone() }, "keyspace"),
        (CqlOptions { replication_factor: 0, ..good.clone() }, "replication_factor"),
    ] {
        let error = ViewStore::connect(&bad).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("cql.{name}: ")), "{error}");
        assert_eq!(error.fault(), Fault::Fatal);
    }
}
