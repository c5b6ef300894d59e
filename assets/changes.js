/* A worker that all pages of a browser share: one stream of changes for all of them, because HTTP/1.1 has only six
   connections to a server. A page posts whether it listens. */
const WAIT_MS = 1000, WAIT_MS_MAX = 60000;
const pages = new Set();
let stream, last, wait = WAIT_MS, again;

function close() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}
function open() {
  close();
  stream = new EventSource("/changes");
  stream.onmessage = ({ data }) => {
    wait = WAIT_MS;
    last = JSON.parse(data);
    for (const page of pages) page.postMessage(last);
  };
  stream.onerror = () => {
    close();
    again = setTimeout(open, wait * (1 + Math.random()));
    wait = Math.min(wait * 2, WAIT_MS_MAX);
  };
}
function connect(page) {
  page.onmessage = ({ data: listens }) => {
    if (listens) pages.add(page); else pages.delete(page);
    if (!pages.size) close();
    else if (!stream) open();
    // It may have missed days that changed before.
    else if (listens && last) page.postMessage({ ...last, days: null });
  };
}
if (self.SharedWorkerGlobalScope) self.onconnect = ({ ports }) => connect(ports[0]);
else connect(self);
