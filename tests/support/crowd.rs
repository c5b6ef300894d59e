//! Many people at once: each call on a thread of its own, all let go at the same moment.

use std::{sync::Barrier, thread};

use rocket::{
    http::{ContentType, Status},
    local::asynchronous::Client,
    tokio::runtime::Runtime,
};
use serde_json::Value;
use tandem::app;

use super::App;

impl App {
    /// Sends every body to an address at once, and tells how each was answered, in their order.
    pub fn call_at_once(&self, address: &str, bodies: &[Value]) -> Vec<(u16, Value)> {
        let runtime = Runtime::new().unwrap();
        let server = app::build(self.settings.clone(), self.context.clone());
        let client = runtime.block_on(Client::untracked(server)).unwrap();
        let start = Barrier::new(bodies.len());
        let call = |body: &Value| {
            start.wait();
            runtime.block_on(call(&client, address, body.to_string()))
        };
        let answers = thread::scope(|scope| {
            let threads: Vec<_> = bodies.iter().map(|body| scope.spawn(|| call(body))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        runtime.block_on(async { drop(client) });
        answers
    }
}

async fn call(client: &Client, address: &str, body: String) -> (u16, Value) {
    let response = client.post(address.to_owned()).header(ContentType::JSON).body(body).dispatch().await;
    let Status { code } = response.status();
    (code, serde_json::from_str(&response.into_string().await.unwrap()).unwrap())
}
