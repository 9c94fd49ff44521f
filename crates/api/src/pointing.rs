//! How each client is pointed at the server: environments, profiles, the words for its configuration.

/// An access key, and where the server listens.
#[derive(Clone, Debug)]
pub struct Access<'a> {
    /// The account's name, which is the profile's too.
    pub account: &'a str,
    /// The key's id.
    pub id: &'a str,
    /// The key's secret.
    pub secret: &'a str,
    /// Host and port.
    pub listen: &'a str,
    /// A region that the account uses.
    pub region: &'a str,
}

/// A format of `credentials`, and what writes it.
pub(crate) type Profile = (&'static str, fn(&[Access<'_>]) -> String);

/// What the clients of a provider need.
pub(crate) struct Pointing {
    /// What an id of a key begins with, and its length.
    pub id: (&'static str, usize),
    /// Variables of the environment.
    pub environment: fn(&Access<'_>) -> Vec<(&'static str, String)>,
    /// The formats of `credentials` beside those of every provider.
    pub profile: Option<Profile>,
    /// Each client, with the line that points it here.
    pub clients: fn(&Access<'_>) -> Vec<(&'static str, String)>,
}
