//! Access tokens. Only digests are kept; a token is 256 random bits, so its digest needs no salt, and
//! looking a digest up tells an attacker nothing by its timing.

use hilum_domain::Sha256;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use crate::rows::{Cells, ms};
use crate::{Store, StoreError};

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administration.
    Admin,
    /// Reads studies and results, decides.
    Radiologist,
    /// Sends studies and fetches results.
    Pacs,
    /// Runs the model on a cohort.
    Validator,
    /// Reads the log.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [
        Self::Admin,
        Self::Radiologist,
        Self::Pacs,
        Self::Validator,
        Self::Auditor,
    ];

    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Radiologist => "radiologist",
            Self::Pacs => "pacs",
            Self::Validator => "validator",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this wire form.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What is known of a token; never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Number by which it is revoked.
    pub id: i64,
    /// What its creator called it.
    pub label: String,
    /// What its holder may do.
    pub role: Role,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
}

impl Store {
    /// Creates a token and returns it: the only time that it can be seen.
    pub async fn create_token(&self, label: &str, role: Role) -> Result<String, StoreError> {
        let mut secret = [0_u8; 32];
        OsRng
            .try_fill_bytes(&mut secret)
            .map_err(|e| StoreError::NoRandomness(e.to_string()))?;
        let token = format!("hilum_{}", hex::encode(secret));
        let mut tx = self.write().await?;
        sqlx::query("INSERT INTO tokens (sha256, label, role, created_ms) VALUES (?1, ?2, ?3, ?4)")
            .bind(Sha256::of(token.as_bytes()).as_str())
            .bind(label)
            .bind(role.as_str())
            .bind(ms(self.now()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// What the token stands for; `None` when it is unknown or revoked.
    pub async fn verify_token(&self, token: &str) -> Result<Option<Token>, StoreError> {
        let row = sqlx::query(
            "SELECT id, label, role, created_ms, revoked_ms FROM tokens
             WHERE sha256 = ?1 AND revoked_ms IS NULL",
        )
        .bind(Sha256::of(token.as_bytes()).as_str())
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(token_from_row).transpose()
    }

    /// All tokens, revoked ones too, in the order of their creation.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let rows = sqlx::query("SELECT id, label, role, created_ms, revoked_ms FROM tokens ORDER BY id")
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(token_from_row).collect()
    }

    /// Revokes a token; whether there was one to revoke.
    pub async fn revoke_token(&self, id: i64) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let revoked = sqlx::query("UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL")
            .bind(id)
            .bind(ms(self.now()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(revoked.rows_affected() == 1)
    }
}

fn token_from_row(row: &SqliteRow) -> Result<Token, StoreError> {
    let id: i64 = Cells::new(row, "tokens", &"without a key").get("id")?;
    let cells = Cells::new(row, "tokens", &id);
    let role = Role::from_text(cells.get("role")?);
    let is_revoked = cells.get::<Option<i64>>("revoked_ms")?.is_some();
    Ok(Token {
        id,
        label: cells.get("label")?,
        role: role.ok_or_else(|| cells.impossible("role", "not a role".into()))?,
        created_at: cells.time("created_ms")?,
        revoked_at: is_revoked.then(|| cells.time("revoked_ms")).transpose()?,
    })
}
