//! Uploaded files, as a data guard. Multipart bodies are read only here.
//!
//! The role is checked before the body is read, and the form token must precede the first file. Files are streamed to disk;
//! other fields are small and held in memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use multer::{Constraints, Field, Multipart, SizeLimit};
use rocket::{
    Data, Request,
    async_stream::stream,
    data::{FromData, Outcome, ToByteUnit},
    futures::Stream,
    http::Status,
    tokio::{
        fs::File,
        io::{AsyncReadExt, AsyncWriteExt},
        task::yield_now,
    },
};
use thiserror::Error;
use tracing::error;

use crate::{
    domain::user::Role,
    import::upload::{FILES_MAX, UPLOAD_BYTES_MAX, Upload},
    routes::{
        auth::authenticate,
        http::{
            body_timeout::arrival,
            error::{Failure, deny},
            team,
        },
    },
    secret,
    store::StoreError,
    views::components::form_tokens::TOKEN_FIELD,
};

/// Name of the file field.
const FILES_FIELD: &str = "files";
/// Largest other field, in bytes.
const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a file between two checks of the free space on the disk.
const LOOK_BYTES: u64 = 1024 * 1024;
/// Most other fields.
const FIELDS_MAX: usize = 10;
/// Bytes read at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Most bytes outside of fields, in bytes: part headers and boundaries.
const BESIDE_BYTES_MAX: usize = 4 * PIECE_BYTES;

/// The files of a form, on disk.
#[derive(Debug)]
pub struct Uploaded {
    pub files: Result<Upload, Unusable>,
}

/// Reason why an upload cannot be used.
#[derive(Debug, Error)]
pub enum Unusable {
    #[error("Choose 1 to {FILES_MAX} files.")]
    Count,
    #[error("\"{name}\" is too much: the files of an upload have at most {} MB together.", UPLOAD_BYTES_MAX / (1024 * 1024))]
    Size { name: String },
    #[error("The disk of the server has too little space left for these files. Nothing of them was saved.")]
    Full,
}

/// Reason why the body of an upload cannot be read.
#[derive(Debug, Error)]
enum Broken {
    #[error("the form has no token of its session before its files")]
    Token,
    #[error("a part is too large, or there are too many")]
    TooLarge,
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error("the multipart body is malformed: {0}")]
    Multipart(multer::Error),
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Unusable(Unusable::Full),
            other => Self::Store(other),
        }
    }
}

/// More bytes outside of fields than any browser sends.
#[derive(Debug, Error)]
#[error("too many bytes outside of the fields")]
struct TooMuchBeside;

impl From<multer::Error> for Broken {
    fn from(error: multer::Error) -> Self {
        match error {
            multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => Self::TooLarge,
            multer::Error::StreamReadFailed(cause) if cause.is::<TooMuchBeside>() => Self::TooLarge,
            other => Self::Multipart(other),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Uploaded {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match read(request, data).await {
            Ok(files) => Outcome::Success(Self { files }),
            Err(status) => Outcome::Error((status, ())),
        }
    }
}

async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Result<Upload, Unusable>, Status> {
    let refused = |failure| deny(request, failure).0;
    let caller = authenticate::authorize(request, Role::Admin).await.map_err(|(status, _)| status)?;
    let files = match arrival(request, receive(request, data)).await.map_err(refused)? {
        Ok(upload) => Ok(upload),
        Err(Broken::Unusable(unusable)) => Err(unusable),
        Err(Broken::Token) => return Err(refused(Failure::WrongToken)),
        Err(Broken::TooLarge) => return Err(Status::PayloadTooLarge),
        Err(Broken::Multipart(multer::Error::NoMultipart | multer::Error::NoBoundary)) => {
            return Err(Status::UnsupportedMediaType);
        }
        Err(Broken::Multipart(_)) => return Err(Status::BadRequest),
        Err(cause @ (Broken::Disk(_) | Broken::Store(_))) => {
            error!(%cause, "an upload could not be written");
            return Err(Status::ServiceUnavailable);
        }
    };
    authenticate::count(request, &caller).map_err(refused)?;
    Ok(files)
}

/// An upload that is removed when dropped, unless it is complete.
struct Unfinished(Option<Upload>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(Err(cause)) = self.0.take().map(Upload::discard) {
            error!(%cause, "an incomplete upload could not be removed");
        }
    }
}

async fn receive(request: &Request<'_>, data: Data<'_>) -> Result<Upload, Broken> {
    let content_type = request.content_type().filter(|content_type| content_type.is_form_data());
    let content_type = content_type.ok_or(multer::Error::NoMultipart)?;
    let boundary = content_type.param("boundary").ok_or(multer::Error::NoBoundary)?;
    let Some(context) = team::context(request) else { return Err(Broken::Token) };
    let whole_bytes_max = UPLOAD_BYTES_MAX * FILES_MAX as u64 + BESIDE_BYTES_MAX as u64;
    let limits = SizeLimit::new().whole_stream(whole_bytes_max).per_field(UPLOAD_BYTES_MAX + 1);
    let beside = Arc::new(AtomicUsize::new(0));
    let pieces = pieces(data, whole_bytes_max, Arc::clone(&beside));
    let mut parts = Multipart::with_constraints(pieces, boundary, Constraints::new().size_limit(limits));
    let announced = request.headers().get_one("Content-Length").and_then(|length| length.parse::<u64>().ok());
    let bytes = announced.unwrap_or_default().min(whole_bytes_max);
    let mut upload = Unfinished(Some(Upload::begin(&context.config.data_dir, bytes, context.clock.now())?));
    let (mut is_ours, mut files, mut fields, mut written) = (false, 0, 0, 0);
    while let Some(part) = parts.next_field().await? {
        beside.store(0, Ordering::Relaxed);
        if part.name() == Some(FILES_FIELD) && part.file_name().is_some() {
            if !is_ours {
                return Err(Broken::Token);
            }
            files += usize::from(save(part, files, &upload, &beside, &mut written).await?);
            continue;
        }
        fields += 1;
        if fields > FIELDS_MAX {
            return Err(Broken::TooLarge);
        }
        let is_token = part.name() == Some(TOKEN_FIELD);
        let value = small(part, &beside).await?;
        is_ours |= is_token && secret::is_same(&String::from_utf8_lossy(&value), &authenticate::form_token(request));
    }
    if !is_ours {
        return Err(Broken::Token);
    }
    if files == 0 {
        return Err(Unusable::Count.into());
    }
    upload.0.take().ok_or(Broken::Unusable(Unusable::Count))
}

/// The body in chunks. It ends with an error if too many bytes are outside of fields.
fn pieces(
    data: Data<'_>,
    bytes_max: u64,
    beside: Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>> + Send {
    // One byte more than allowed, to tell the end of the body from the limit.
    let mut reader = data.open((bytes_max + 1).bytes());
    stream! {
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            match reader.read(&mut piece).await {
                Ok(0) => return,
                Ok(length) if beside.fetch_add(length, Ordering::Relaxed) <= BESIDE_BYTES_MAX => {
                    piece.truncate(length);
                    yield Ok(piece);
                }
                Ok(_) => yield Err(TooMuchBeside.into()),
                Err(error) => yield Err(error.into()),
            }
            // The parser reads as long as data is ready; it must parse this chunk first.
            yield_now().await;
        }
    }
}

/// Writes a file to the upload, and counts its bytes. False if no file was chosen.
async fn save(
    mut part: Field<'_>,
    index: usize,
    upload: &Unfinished,
    beside: &AtomicUsize,
    written: &mut u64,
) -> Result<bool, Broken> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let mut piece = part.chunk().await?;
    if name.is_empty() && piece.is_none() {
        return Ok(false);
    }
    let Some(upload) = upload.0.as_ref().filter(|_| index < FILES_MAX) else { return Err(Unusable::Count.into()) };
    let mut file = File::create(upload.place_for(index, &name)).await?;
    let mut looked_at = *written;
    while let Some(bytes) = piece {
        beside.store(0, Ordering::Relaxed);
        *written += bytes.len() as u64;
        if *written > UPLOAD_BYTES_MAX {
            return Err(Unusable::Size { name }.into());
        }
        if *written - looked_at >= LOOK_BYTES {
            looked_at = *written;
            upload.check_room()?;
        }
        file.write_all(&bytes).await?;
        piece = part.chunk().await?;
    }
    file.flush().await?;
    Ok(true)
}

/// The value of a field that is not a file.
async fn small(mut part: Field<'_>, beside: &AtomicUsize) -> Result<Vec<u8>, Broken> {
    let mut value = Vec::new();
    while let Some(bytes) = part.chunk().await? {
        beside.store(0, Ordering::Relaxed);
        if value.len() + bytes.len() > FIELD_BYTES_MAX {
            return Err(Broken::TooLarge);
        }
        value.extend_from_slice(&bytes);
    }
    Ok(value)
}
