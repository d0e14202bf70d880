//! The change feed: facts numbered 1, 2, 3 ... without a gap.

use hilum_domain::{Fact, NewFact};
use sqlx::{Sqlite, Transaction};

use crate::rows::{Cells, ms};
use crate::{Store, StoreError};

impl Store {
    /// Appends facts that belong to no result and returns the number of the last fact of the feed.
    pub async fn append_facts(&self, facts: &[NewFact]) -> Result<i64, StoreError> {
        let now_ms = ms(self.now());
        let mut tx = self.write().await?;
        let last = append(&mut tx, facts, now_ms).await?;
        tx.commit().await?;
        self.announce(last);
        Ok(last)
    }

    /// At most `limit` facts after number `seq`, in order. Start with 0.
    pub async fn facts_after(&self, seq: i64, limit: u32) -> Result<Vec<Fact>, StoreError> {
        let rows =
            sqlx::query("SELECT seq, recorded_ms, body FROM facts WHERE seq > ?1 ORDER BY seq LIMIT ?2")
                .bind(seq)
                .bind(limit)
                .fetch_all(self.readers())
                .await?;
        let mut facts = Vec::with_capacity(rows.len());
        for row in &rows {
            let seq: i64 = Cells::new(row, "facts", &"without a key").get("seq")?;
            let cells = Cells::new(row, "facts", &seq);
            facts.push(Fact {
                seq,
                recorded_at: cells.time("recorded_ms")?,
                fact: cells.json("body")?,
            });
        }
        Ok(facts)
    }

    /// Number of the last fact, 0 when there is none.
    pub async fn last_seq(&self) -> Result<i64, StoreError> {
        let last = sqlx::query_scalar("SELECT last_seq FROM fact_feed WHERE id = 1");
        Ok(last.fetch_one(self.readers()).await?)
    }
}

/// Appends facts within a transaction and returns the number of the last fact of the feed.
pub(crate) async fn append(
    tx: &mut Transaction<'static, Sqlite>,
    facts: &[NewFact],
    now_ms: i64,
) -> Result<i64, StoreError> {
    let last: i64 =
        sqlx::query_scalar("UPDATE fact_feed SET last_seq = last_seq + ?1 WHERE id = 1 RETURNING last_seq")
            .bind(facts.len() as i64)
            .fetch_one(&mut **tx)
            .await?;
    let first = last - facts.len() as i64 + 1;
    for (seq, fact) in (first..).zip(facts) {
        let body = serde_json::to_string(fact).map_err(|source| StoreError::Json { what: "fact", source })?;
        sqlx::query("INSERT INTO facts (seq, recorded_ms, body) VALUES (?1, ?2, ?3)")
            .bind(seq)
            .bind(now_ms)
            .bind(body)
            .execute(&mut **tx)
            .await?;
    }
    Ok(last)
}
