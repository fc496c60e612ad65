//! What the model takes for granted, asked of the database itself.

use scylla::client::session::Session;
use shipment_events::{Date, Timestamp};
use tracking_view::Value;

use crate::database::Database;

async fn one(session: &Session, table: &str, writes: &[String]) -> Option<scylla::value::Row> {
    for write in writes {
        session.query_unpaged(write.as_str(), ()).await.unwrap();
    }
    let select = format!("SELECT * FROM {table} WHERE k = 1");
    let result = session.query_unpaged(select, ()).await.unwrap().into_rows_result().unwrap();
    result.maybe_first_row().unwrap()
}

async fn table(database: &Database, session: &Session, name: &str, cql_type: &str) -> String {
    let table = format!("{}.{name}", database.keyspace());
    let create = format!("CREATE TABLE {table} (k int PRIMARY KEY, v {cql_type})");
    session.query_unpaged(create, ()).await.unwrap();
    table
}

#[tokio::test]
async fn at_one_timestamp_the_larger_bytes_win_in_either_order() {
    let database = Database::make().await;
    let session = database.session().await;
    let text = |text: &str| (Value::Text(text.to_owned()), format!("'{text}'"));
    let number = |n: i64| (Value::BigInt(n), n.to_string());
    let pairs = [
        ("t", "text", text("in_transit"), text("on_hold")),
        ("u", "text", text("a"), text("é")),
        ("b", "bigint", number(3), number(-3)),
        ("i", "int", (Value::Int(1), "1".to_owned()), (Value::Int(-1), "-1".to_owned())),
        (
            "d",
            "date",
            (Value::Date(Date::from_days(-1)), "'1969-12-31'".to_owned()),
            (Value::Date(Date::from_days(1)), "'1970-01-02'".to_owned()),
        ),
        (
            "s",
            "timestamp",
            (Value::Timestamp(Timestamp::from_millis(5)), "5".to_owned()),
            (Value::Timestamp(Timestamp::from_millis(-5)), "-5".to_owned()),
        ),
        (
            "x",
            "blob",
            (Value::Blob(vec![1]), "0x01".to_owned()),
            (Value::Blob(vec![0xff]), "0xff".to_owned()),
        ),
    ];
    for (name, cql_type, a, b) in pairs {
        let table = table(&database, &session, name, cql_type).await;
        let insert =
            |literal: &str| format!("INSERT INTO {table} (k, v) VALUES (1, {literal}) USING TIMESTAMP 10");
        let first = one(&session, &table, &[insert(&a.1), insert(&b.1)]).await;
        session.query_unpaged(format!("TRUNCATE {table}"), ()).await.unwrap();
        let second = one(&session, &table, &[insert(&b.1), insert(&a.1)]).await;
        assert_eq!(first, second, "{cql_type}");
        session.query_unpaged(format!("TRUNCATE {table}"), ()).await.unwrap();
        let larger = if a.0.tie_order(&b.0).is_gt() { a.1 } else { b.1 };
        assert_eq!(first, one(&session, &table, &[insert(&larger)]).await, "{cql_type}");
    }
    database.drop().await;
}

#[tokio::test]
async fn at_one_timestamp_a_deletion_wins_in_either_order() {
    let database = Database::make().await;
    let session = database.session().await;
    let table = table(&database, &session, "ties", "text").await;
    let insert = |at: i64| format!("INSERT INTO {table} (k, v) VALUES (1, 'v') USING TIMESTAMP {at}");
    let delete = |at: i64| format!("DELETE FROM {table} USING TIMESTAMP {at} WHERE k = 1");
    assert_eq!(one(&session, &table, &[insert(10), delete(10)]).await, None);
    assert_eq!(
        one(&session, &table, &[insert(10)]).await,
        None,
        "a late insertion of the same timestamp loses"
    );
    assert_eq!(one(&session, &table, &[insert(9)]).await, None);
    assert!(one(&session, &table, &[insert(11)]).await.is_some());
    assert!(one(&session, &table, &[delete(10)]).await.is_some(), "an older deletion loses");
    database.drop().await;
}

#[tokio::test]
async fn an_unset_value_leaves_no_trace() {
    let database = Database::make().await;
    let session = database.session().await;
    let table = table(&database, &session, "unset", "text").await;
    let insert =
        session.prepare(format!("INSERT INTO {table} (k, v) VALUES (?, ?) USING TIMESTAMP ?")).await.unwrap();
    session.execute_unpaged(&insert, (1, "kept", 10_i64)).await.unwrap();
    let unset = scylla::value::MaybeUnset::<&str>::Unset;
    session.execute_unpaged(&insert, (1, unset, 20_i64)).await.unwrap();
    let result = session.query_unpaged(format!("SELECT v, WRITETIME(v) FROM {table}"), ()).await.unwrap();
    let row = result.into_rows_result().unwrap().single_row::<(String, i64)>().unwrap();
    assert_eq!(row, ("kept".to_owned(), 10));
    database.drop().await;
}
