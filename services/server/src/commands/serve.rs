//! `hilum serve` and `hilum work`

use crate::{
    cli::{ServeArgs, SettingsArgs},
    commands::{answer, block_on},
    service::{Parts, Service},
    settings::Settings,
};

/// Serves HTTPS, and works unless told not to.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let settings = Settings::load(&args.settings)?;
    let parts = Parts {
        listen: Some(args.listen.unwrap_or(settings.http.listen)),
        work: !args.no_work,
    };
    block_on(async {
        let service = Service::start(&settings, parts).await?;
        announce(&service);
        service.run().await
    })
}

/// Works without serving.
pub(crate) fn work(args: &SettingsArgs) -> anyhow::Result<()> {
    let settings = Settings::load(args)?;
    block_on(async {
        let parts = Parts {
            listen: None,
            work: true,
        };
        Service::start(&settings, parts).await?.run().await
    })
}

/// The two things that a person or script needs. The token is printed once in the life of a data folder.
pub(crate) fn announce(service: &Service) {
    if let Some(token) = &service.token {
        answer(&format!("token {token}"));
    }
    if let Some(base) = &service.base {
        answer(&format!("listening {base}"));
    }
}
