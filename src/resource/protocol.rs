//! Protocols of ports.

/// A port's protocol as Kuma parses it (rule 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP/1.
    Http,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
    /// Plain TCP; also what is missing or unknown becomes on an inbound.
    #[default]
    Tcp,
    /// TLS that the application does itself.
    Tls,
    /// Kafka.
    Kafka,
    /// MySQL.
    Mysql,
    /// A text that is no protocol, as hand-made MeshServices may have (rule 3.5).
    Unknown,
}

impl Protocol {
    /// The protocol of a tag's value: any case; unknown becomes [`Protocol::Unknown`].
    pub fn parse(text: &str) -> Protocol {
        match text.to_ascii_lowercase().as_str() {
            "http" => Protocol::Http,
            "http2" => Protocol::Http2,
            "grpc" => Protocol::Grpc,
            "tcp" => Protocol::Tcp,
            "tls" => Protocol::Tls,
            "kafka" => Protocol::Kafka,
            "mysql" => Protocol::Mysql,
            _ => Protocol::Unknown,
        }
    }

    /// The protocol of a MeshService port's `appProtocol`: exact case, as the outbounds compare it.
    pub fn exact(text: &str) -> Protocol {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            Protocol::Unknown
        } else {
            Protocol::parse(text)
        }
    }

    /// Kuma's name.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Http2 => "http2",
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
            Protocol::Tls => "tls",
            Protocol::Kafka => "kafka",
            Protocol::Mysql => "mysql",
            Protocol::Unknown => "unknown",
        }
    }

    /// True if Envoy routes it by HTTP requests.
    pub const fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Http2 | Protocol::Grpc)
    }
}
