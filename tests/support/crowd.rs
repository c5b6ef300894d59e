//! Concurrent API calls: each on its own thread, all started at the same moment.

use std::{sync::Barrier, thread};

use rocket::{
    http::{ContentType, Header, Status},
    local::asynchronous::Client,
    tokio::runtime::Runtime,
};
use serde_json::Value;
use tandem::app;

use super::App;

impl App {
    /// Sends every body to an address at once. Returns the responses in the order of the bodies.
    pub fn call_at_once(&self, address: &str, bodies: &[Value]) -> Vec<(u16, Value)> {
        self.call_at_once_with_key(None, address, bodies)
    }

    /// The same, all with one idempotency key.
    pub fn call_at_once_with_key(&self, key: Option<&str>, address: &str, bodies: &[Value]) -> Vec<(u16, Value)> {
        let runtime = Runtime::new().unwrap();
        let server = app::build(self.settings.clone(), self.context.clone());
        let client = runtime.block_on(Client::untracked(server)).unwrap();
        let start = Barrier::new(bodies.len());
        let call = |body: &Value| {
            start.wait();
            runtime.block_on(call(&client, key, address, body.to_string()))
        };
        let answers = thread::scope(|scope| {
            let threads: Vec<_> = bodies.iter().map(|body| scope.spawn(|| call(body))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        runtime.block_on(async { drop(client) });
        answers
    }
}

async fn call(client: &Client, key: Option<&str>, address: &str, body: String) -> (u16, Value) {
    let mut request = client.post(address.to_owned()).header(ContentType::JSON).body(body);
    if let Some(key) = key {
        request.add_header(Header::new("Idempotency-Key", key.to_owned()));
    }
    let response = request.dispatch().await;
    let Status { code } = response.status();
    (code, serde_json::from_str(&response.into_string().await.unwrap()).unwrap())
}
