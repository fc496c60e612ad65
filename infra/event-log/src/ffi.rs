//! The calls to librdkafka that rdkafka has no wrapper for, or none of use.

use std::ffi::{CStr, CString};
use std::ptr;
use std::time::{Duration, Instant};

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;
use uuid::Uuid;

use crate::access::{Operation, Resource, Right};

/// The longest timeout of a request that librdkafka takes.
const LONGEST_REQUEST: Duration = Duration::from_secs(3_600);

/// Which member of its group a consumer is, and of which generation. An empty id or -1 when it is none.
pub(crate) fn group_identity<C: ClientContext>(client: &Client<C>) -> Option<(String, i32)> {
    // SAFETY: the client outlives the call. What the first call returns is ours until `destroy`; the member id points into
    // it and is copied before.
    unsafe {
        let metadata = sys::rd_kafka_consumer_group_metadata(client.native_ptr());
        if metadata.is_null() {
            return None;
        }
        let member = text(sys::rd_kafka_consumer_group_metadata_member_id(metadata));
        let generation = sys::rd_kafka_consumer_group_metadata_generation_id(metadata);
        sys::rd_kafka_consumer_group_metadata_destroy(metadata);
        Some((member, generation))
    }
}

/// Sends what waits for more to go along with, and waits up to `timeout` (in whole milliseconds) for acknowledgements.
///
/// It doesn't serve their reports; rdkafka's own `flush` does, and looks at them every 100 ms only.
pub fn flush<C: ClientContext>(client: &Client<C>, timeout: Duration) {
    // SAFETY: the client outlives the call. Of what the call returns (whether all is acknowledged) nothing is needed.
    unsafe {
        sys::rd_kafka_flush(client.native_ptr(), timeout.as_millis() as i32);
    }
}

/// The id that the cluster gave a topic when it was created: another one after it was deleted and made anew.
pub(crate) fn topic_id<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    timeout: Duration,
) -> Result<Uuid, RDKafkaErrorCode> {
    let name = CString::new(topic).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
    let mut names = [name.as_ptr()];
    // SAFETY: every object made here is destroyed in the same call, in reverse order, by the guards below; the client
    // outlives them. The queue and the request are this call's own, so no event of another caller can arrive on it.
    unsafe {
        let queue = Queue(sys::rd_kafka_queue_new(client.native_ptr()));
        let topics = Topics(sys::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len()));
        let options =
            Options::new(client, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout)?;
        sys::rd_kafka_DescribeTopics(client.native_ptr(), topics.0, options.0, queue.0);
        let (event, result) = answer(&queue, timeout, sys::rd_kafka_event_DescribeTopics_result)?;
        described_id(event.0, result)
    }
}

/// Makes access control entries that allow these rights. One that is there already is fine.
pub(crate) fn create_acls<C: ClientContext>(
    client: &Client<C>,
    rights: &[Right],
    timeout: Duration,
) -> Result<(), RDKafkaErrorCode> {
    let entries = rights.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let mut pointers: Vec<_> = entries.iter().map(|entry| entry.0).collect();
    // SAFETY: as in `topic_id`; the entries are copied by the call that takes them.
    unsafe {
        let queue = Queue(sys::rd_kafka_queue_new(client.native_ptr()));
        let (first, count) = (pointers.as_mut_ptr(), pointers.len());
        let options = Options::new(client, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATEACLS, timeout)?;
        sys::rd_kafka_CreateAcls(client.native_ptr(), first, count, options.0, queue.0);
        let (event, result) = answer(&queue, timeout, sys::rd_kafka_event_CreateAcls_result)?;
        created(event.0, result)
    }
}

/// Waits for the event that has the result; the result lives as long as the event.
///
/// # Safety
/// `result_of` must be librdkafka's function that takes this result out of an event, and gives null where there is none.
unsafe fn answer<T>(
    queue: &Queue,
    timeout: Duration,
    result_of: unsafe extern "C" fn(*mut sys::rd_kafka_event_t) -> *const T,
) -> Result<(Event, *const T), RDKafkaErrorCode> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(RDKafkaErrorCode::OperationTimedOut);
        }
        // SAFETY: the queue lives; the event is destroyed by its guard, and only a live one is looked into.
        unsafe {
            let event = Event(sys::rd_kafka_queue_poll(queue.0, left.as_millis() as i32));
            if event.0.is_null() {
                continue;
            }
            let result = result_of(event.0);
            if !result.is_null() {
                return Ok((event, result));
            }
        }
    }
}

/// # Safety
/// `result` must be the result of the live `event`.
unsafe fn created(
    event: *mut sys::rd_kafka_event_t,
    result: *const sys::rd_kafka_CreateAcls_result_t,
) -> Result<(), RDKafkaErrorCode> {
    // SAFETY: all pointers read here belong to the event, which the caller keeps alive.
    unsafe {
        let error: RDKafkaErrorCode = sys::rd_kafka_event_error(event).into();
        if error != RDKafkaErrorCode::NoError {
            return Err(error);
        }
        let mut count = 0;
        let outcomes = sys::rd_kafka_CreateAcls_result_acls(result, &raw mut count);
        for at in 0..count {
            let error = sys::rd_kafka_acl_result_error(*outcomes.add(at));
            // Without an error the pointer is null, of which librdkafka says that it is none.
            let code: RDKafkaErrorCode = sys::rd_kafka_error_code(error).into();
            if code != RDKafkaErrorCode::NoError {
                return Err(code);
            }
        }
        Ok(())
    }
}

fn entry(right: &Right) -> Result<AclBinding, RDKafkaErrorCode> {
    use sys::rd_kafka_AclOperation_t as Op;
    use sys::rd_kafka_ResourcePatternType_t as PatternType;
    use sys::rd_kafka_ResourceType_t as Type;

    let c_text = |text: &str| CString::new(text).map_err(|_| RDKafkaErrorCode::InvalidArgument);
    let (name, principal) = (c_text(right.name.text())?, c_text(&format!("User:{}", right.principal))?);
    let resource = match right.resource {
        Resource::Topic => Type::RD_KAFKA_RESOURCE_TOPIC,
        Resource::Group => Type::RD_KAFKA_RESOURCE_GROUP,
        Resource::TransactionalId => Type::RD_KAFKA_RESOURCE_TRANSACTIONAL_ID,
    };
    let pattern = if right.name.is_prefixed() {
        PatternType::RD_KAFKA_RESOURCE_PATTERN_PREFIXED
    } else {
        PatternType::RD_KAFKA_RESOURCE_PATTERN_LITERAL
    };
    let operation = match right.operation {
        Operation::Read => Op::RD_KAFKA_ACL_OPERATION_READ,
        Operation::Write => Op::RD_KAFKA_ACL_OPERATION_WRITE,
        Operation::Create => Op::RD_KAFKA_ACL_OPERATION_CREATE,
        Operation::Describe => Op::RD_KAFKA_ACL_OPERATION_DESCRIBE,
        Operation::DescribeConfigs => Op::RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
        Operation::AlterConfigs => Op::RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS,
    };
    // SAFETY: the texts outlive the call, which copies them; no room is given for an explanation, and none is written.
    let made = unsafe {
        sys::rd_kafka_AclBinding_new(
            resource,
            name.as_ptr(),
            pattern,
            principal.as_ptr(),
            c"*".as_ptr(),
            operation,
            sys::rd_kafka_AclPermissionType_t::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            ptr::null_mut(),
            0,
        )
    };
    if made.is_null() { Err(RDKafkaErrorCode::InvalidArgument) } else { Ok(AclBinding(made)) }
}

/// # Safety
/// `result` must be the result of the live `event`.
unsafe fn described_id(
    event: *mut sys::rd_kafka_event_t,
    result: *const sys::rd_kafka_DescribeTopics_result_t,
) -> Result<Uuid, RDKafkaErrorCode> {
    // SAFETY: all pointers read here belong to the event, which the caller keeps alive.
    unsafe {
        let error: RDKafkaErrorCode = sys::rd_kafka_event_error(event).into();
        if error != RDKafkaErrorCode::NoError {
            return Err(error);
        }
        let mut count = 0;
        let described = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if described.is_null() || count == 0 {
            return Err(RDKafkaErrorCode::UnknownTopicOrPartition);
        }
        let topic = *described;
        let error: RDKafkaErrorCode =
            sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic)).into();
        if error != RDKafkaErrorCode::NoError {
            return Err(error);
        }
        let id = sys::rd_kafka_TopicDescription_topic_id(topic);
        if id.is_null() {
            return Err(RDKafkaErrorCode::UnsupportedFeature);
        }
        Ok(Uuid::from_u64_pair(
            sys::rd_kafka_Uuid_most_significant_bits(id).cast_unsigned(),
            sys::rd_kafka_Uuid_least_significant_bits(id).cast_unsigned(),
        ))
    }
}

/// # Safety
/// `pointer` must be null or point to a C string.
unsafe fn text(pointer: *const std::ffi::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not null, and a C string by this function's contract.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

struct Queue(*mut sys::rd_kafka_queue_t);

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_queue_new`, destroyed only here.
        unsafe { sys::rd_kafka_queue_destroy(self.0) }
    }
}

struct Topics(*mut sys::rd_kafka_TopicCollection_t);

impl Drop for Topics {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_TopicCollection_of_topic_names`, destroyed only here.
        unsafe { sys::rd_kafka_TopicCollection_destroy(self.0) }
    }
}

struct Options(*mut sys::rd_kafka_AdminOptions_t);

impl Options {
    /// By which librdkafka gives a request up when nobody waits for it any more; by itself it keeps it for a minute.
    fn new<C: ClientContext>(
        client: &Client<C>,
        operation: sys::rd_kafka_admin_op_t,
        timeout: Duration,
    ) -> Result<Self, RDKafkaErrorCode> {
        let millis = timeout.as_millis().clamp(1, LONGEST_REQUEST.as_millis()) as i32;
        // SAFETY: the client outlives the call; what it returns is ours, and destroyed by the guard. No room is given for an explanation,
        // and none is written.
        unsafe {
            let options = Self(sys::rd_kafka_AdminOptions_new(client.native_ptr(), operation));
            if options.0.is_null() {
                return Err(RDKafkaErrorCode::InvalidArgument);
            }
            let code = sys::rd_kafka_AdminOptions_set_request_timeout(options.0, millis, ptr::null_mut(), 0);
            let code: RDKafkaErrorCode = code.into();
            if code == RDKafkaErrorCode::NoError { Ok(options) } else { Err(code) }
        }
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by `rd_kafka_AdminOptions_new`, destroyed only here.
            unsafe { sys::rd_kafka_AdminOptions_destroy(self.0) }
        }
    }
}

struct AclBinding(*mut sys::rd_kafka_AclBinding_t);

impl Drop for AclBinding {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_AclBinding_new`, destroyed only here.
        unsafe { sys::rd_kafka_AclBinding_destroy(self.0) }
    }
}

struct Event(*mut sys::rd_kafka_event_t);

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: null, which the call allows, or polled from a queue and destroyed only here.
        unsafe { sys::rd_kafka_event_destroy(self.0) }
    }
}

/// Makes librdkafka give an idempotent producer up, as after a hole in its sequence of records.
#[cfg(test)]
pub(crate) fn give_up<C: rdkafka::producer::ProducerContext<P>, P: rdkafka::producer::Partitioner>(
    producer: &impl rdkafka::producer::Producer<C, P>,
) {
    let code = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    // SAFETY: the client outlives the call, and the reason is copied by it.
    unsafe {
        sys::rd_kafka_test_fatal_error(producer.client().native_ptr(), code, c"a hole".as_ptr());
    }
}
