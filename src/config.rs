//! What an installation is set to: its database, its address, its bounds. Read once, from the arguments, else from the
//! environment, else from the configuration file, else from the defaults; nothing else reads the environment. What never
//! lives here: a rule, or a setting that changes what a receipt says.

mod bounds;
mod closings;
mod feeds;
mod file;
mod place;
mod serving;

pub use closings::Closings;
pub use feeds::Feeds;
pub use file::{ConfigurationFile, FileError, Mistake, commented_default};
pub use place::Place;
pub use serving::{Http, Reading, Remembering, Writing};

/// Everything that the service can be set to.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Settings {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub remembering: Remembering,
    #[command(flatten)]
    pub http: Http,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub closings: Closings,
    #[command(flatten)]
    pub feeds: Feeds,
}
