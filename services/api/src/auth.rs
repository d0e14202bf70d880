//! Who may do what.
//!
//! A layer around each route, so that it answers before the body is touched.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hilum_store::{Role, Token};

use crate::ApiState;
use crate::problem::Problem;

/// Sends studies.
pub(crate) const SENDERS: &[Role] = &[Role::Admin, Role::Pacs];
/// Reads studies and results.
pub(crate) const READERS: &[Role] = &[Role::Admin, Role::Radiologist, Role::Pacs];
/// Asks the graph.
pub(crate) const GRAPH_READERS: &[Role] = &[Role::Admin, Role::Radiologist];
/// Follows the facts and proves that the graph equals them.
pub(crate) const FACT_READERS: &[Role] = &[Role::Admin, Role::Auditor, Role::Pacs];
/// Anybody with a token.
pub(crate) const EVERYBODY: &[Role] = &Role::ALL;

/// Longest token that is looked up; ours have 70 characters.
const LONGEST_TOKEN: usize = 256;

/// What a layer needs to decide.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) state: ApiState,
    pub(crate) allowed: &'static [Role],
}

/// Lets requests through whose token has one of the allowed roles.
pub(crate) async fn require(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = caller(&guard.state, request.headers()).await?;
    if !guard.allowed.contains(&caller.role) {
        tracing::info!(
            auth.token = caller.id,
            auth.role = caller.role.as_str(),
            "role refused"
        );
        let detail = format!("role {} may not do this", caller.role.as_str());
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    Ok(next.run(request).await)
}

async fn caller(state: &ApiState, headers: &HeaderMap) -> Result<Token, Problem> {
    let known = match bearer(headers) {
        Some(token) => state.store.verify_token(token).await?,
        None => None,
    };
    // One answer for absent, malformed, unknown and revoked.
    known.ok_or_else(|| {
        Problem::new(StatusCode::UNAUTHORIZED, "a valid bearer token is needed")
            .with(header::WWW_AUTHENTICATE, "Bearer")
    })
}

/// The token of the one `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_token = !token.is_empty() && token.len() <= LONGEST_TOKEN;
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_headers() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(of(&["bearer  abc "]).as_deref(), Some("abc"));
        let long = format!("Bearer {}", "a".repeat(257));
        for bad in [
            &[][..],
            &["Bearer"],
            &["Bearer "],
            &["Basic abc"],
            &["Bearer a", "Bearer b"],
            &[&long],
        ] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
