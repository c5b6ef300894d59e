//! A database server in a temporary folder.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Output, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};

use tandem::store::{Database, Options, Store};
use tempfile::TempDir;

/// Where Debian installs it; otherwise it is looked for in PATH.
const INSTALLED: &str = "/usr/lib/postgresql";
/// A file system in memory, if there is one: a sync costs nothing there.
const IN_MEMORY: &str = "/dev/shm";
const SUPERUSER: &str = "tandem";
const WAITS: u32 = 600;
const WAIT_MS: u64 = 50;

/// A running database server. It is stopped, and its folder removed, when it is dropped.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// The server that the tests of this process share. It ends with the last of them.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start(""));
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// A server of its own, with lines for its configuration.
    pub fn start(settings: &str) -> Self {
        let cluster = Self::in_folder(temporary());
        let data = cluster.data();
        cluster.tool("initdb", &["-D", &data, "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale", "C"]);
        cluster.configure(settings);
        cluster.begin();
        cluster
    }

    fn in_folder(folder: TempDir) -> Self {
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self { folder, port }
    }

    fn configure(&self, settings: &str) {
        let (sockets, port) = (self.folder.path().display(), self.port);
        let lines = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{sockets}'\n\
             max_connections = 300\nmax_wal_size = 4GB\n{settings}\n"
        );
        let configuration = self.folder.path().join("data/postgresql.conf");
        fs::File::options().append(true).open(configuration).unwrap().write_all(lines.as_bytes()).unwrap();
    }

    /// A standby of this server, which receives its changes.
    pub fn standby(&self) -> Self {
        let standby = Self::in_folder(temporary());
        let (data, port) = (standby.data(), self.port.to_string());
        standby.tool(
            "pg_basebackup",
            &["-D", &data, "-h", "127.0.0.1", "-p", &port, "-U", SUPERUSER, "-R", "-X", "stream", "-c", "fast"],
        );
        standby.configure("");
        standby.begin();
        standby
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.tool("pg_ctl", &["-D", &self.data(), "-w", "-t", "60", "promote"]);
    }

    /// The address of a store on one of two servers, whichever is the primary.
    pub fn url_with(&self, other: &Self) -> String {
        format!("postgres://{SUPERUSER}:hidden@127.0.0.1:{},127.0.0.1:{}/postgres", self.port, other.port)
    }

    /// Runs statements in a session that stays until this is dropped.
    pub fn session(&self, statements: &str) -> Session {
        let port = self.port.to_string();
        let mut child = Command::new(program("psql"))
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &port, "-U", SUPERUSER, "-d", "postgres"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{statements}\n\\echo done").unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap() == "done"), "the statements failed");
        Session { child, _input: input }
    }

    /// Starts the server, also after it was killed.
    pub fn begin(&self) {
        let log = self.folder.path().join("log").display().to_string();
        self.tool("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-t", "60", "start"]);
    }

    /// Restarts it as a standby, which accepts no changes.
    pub fn become_standby(&self) {
        self.tool("pg_ctl", &["-D", &self.data(), "-m", "fast", "-w", "stop"]);
        run(as_server(Path::new("touch")).arg(self.folder.path().join("data/standby.signal")));
        self.begin();
    }

    /// Ends the server and everything it does, at once, as a power cut would.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        // Stopped first, so that it starts nothing while its processes end.
        run(Command::new("kill").args(["-STOP", pid]));
        let children = Command::new("pgrep").args(["-P", pid]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        // Some may end by themselves first.
        let _ = Command::new("kill").arg("-9").arg(pid).args(children.split_whitespace()).output().unwrap();
        let all = || children.split_whitespace().chain([pid]);
        for _ in 0..WAITS {
            if !all().any(is_running) {
                // Their numbers may be taken until something waits for them; a new start would refuse that.
                let _ = fs::remove_file(self.folder.path().join("data/postmaster.pid"));
                let _ = fs::remove_file(self.folder.path().join(format!(".s.PGSQL.{}.lock", self.port)));
                return;
            }
            thread::sleep(Duration::from_millis(WAIT_MS));
        }
        panic!("the database server goes on after it was killed");
    }

    /// Turns encryption on, with `server.key` and `server.pem` of a folder.
    pub fn encrypt(&self, certificates: &Path) {
        for name in ["server.key", "server.pem"] {
            let placed = self.folder.path().join("data").join(name);
            fs::copy(certificates.join(name), &placed).unwrap();
            run(Command::new("chmod").arg("600").arg(&placed));
            if is_root() {
                run(Command::new("chown").arg("postgres").arg(&placed));
            }
        }
        self.sql("ALTER SYSTEM SET ssl_cert_file = 'server.pem'");
        self.sql("ALTER SYSTEM SET ssl = on");
        self.sql("SELECT pg_reload_conf()");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Runs statements and returns what `psql` prints of their results.
    pub fn sql(&self, statements: &str) -> String {
        let output = Command::new(program("psql"))
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(["-U", SUPERUSER, "-d", "postgres", "-c", statements])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Output {
        run(as_server(&program(name)).args(arguments).current_dir(self.folder.path()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = as_server(&program("pg_ctl"))
            .args(["-D", &self.data(), "-m", "immediate", "-w", "stop"])
            .current_dir(self.folder.path())
            .output();
    }
}

fn temporary() -> TempDir {
    let place = if Path::new(IN_MEMORY).is_dir() { PathBuf::from(IN_MEMORY) } else { env::temp_dir() };
    tempfile::Builder::new().prefix("tandem-postgres-").tempdir_in(place).unwrap()
}

/// A session with its transaction. Dropped, it ends.
pub struct Session {
    child: Child,
    _input: ChildStdin,
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn url(port: u16) -> String {
    format!("postgres://{SUPERUSER}:hidden@127.0.0.1:{port}/postgres")
}

/// A store in a schema, with a data folder of its own, as another server would open it.
pub struct Opened {
    pub store: Store,
    pub folder: TempDir,
}

pub fn open(url: &str, schema: &str) -> Opened {
    open_with(url, schema, Options::default().short_work_minutes)
}

/// Same with another `short_work_minutes`.
pub fn open_with(url: &str, schema: &str, short_work_minutes: u32) -> Opened {
    let folder = TempDir::new().unwrap();
    let database = Database { url: url.to_owned(), schema: schema.to_owned(), create: true };
    let options = Options { database: Some(database), short_work_minutes, ..Options::default() };
    Opened { store: Store::open(folder.path(), &options).unwrap(), folder }
}

/// The database server refuses to run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    String::from_utf8(run(Command::new("id").arg("-u")).stdout).unwrap().trim() == "0"
}

/// A process that was not yet waited for has ended, too.
fn is_running(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

fn program(name: &str) -> PathBuf {
    let installed = fs::read_dir(INSTALLED).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> = installed.map(|version| version.path().join("bin").join(name)).collect();
    found.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()).map(|folder| folder.join(name)));
    found.retain(|path| path.is_file());
    found.into_iter().next().unwrap_or_else(|| {
        panic!("PostgreSQL is missing: there is no {name} in {INSTALLED} or PATH; install the package postgresql")
    })
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
