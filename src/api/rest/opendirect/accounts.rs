//! Organizations and accounts.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{Paging, ask, created, doc, trade};
use crate::{
    api::{
        App,
        gate::Asker,
        rejection::Rejection,
        rest::{answered, path::Ids, sent},
        route::Routes,
    },
    domain::opendirect::wire::{
        Account, AccountList, NewAccount, NewOrganization, Organization, OrganizationList,
    },
    engine::{
        fault::Fault,
        seller::parties::{
            accounts::{CreateAccount, GetAccount, ListAccounts},
            organizations::{CreateOrganization, GetOrganization, ListOrganizations},
        },
    },
};

pub(super) fn add(routes: Routes) -> Routes {
    let routes = routes
        .post(
            "/api/v2.1/organizations",
            doc("Add an organization.")
                .takes::<NewOrganization>()
                .makes::<Organization>(),
            create_organization,
        )
        .get(
            "/api/v2.1/organizations",
            doc("List organizations.")
                .asks::<Paging>()
                .gives::<OrganizationList>(),
            list_organizations,
        )
        .get(
            "/api/v2.1/organizations/{organization_id}",
            doc("Show an organization.").gives::<Organization>(),
            get_organization,
        );
    routes
        .post(
            "/api/v2.1/accounts",
            doc("Open an account.")
                .takes::<NewAccount>()
                .makes::<Account>(),
            create_account,
        )
        .get(
            "/api/v2.1/accounts",
            doc("List accounts.")
                .asks::<Paging>()
                .gives::<AccountList>(),
            list_accounts,
        )
        .get(
            "/api/v2.1/accounts/{account_id}",
            doc("Show an account.").gives::<Account>(),
            get_account,
        )
}

async fn create_organization(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let sent: NewOrganization = sent(&headers, body).await?;
        let draft = sent.draft().map_err(Fault::invalid)?;
        Ok(CreateOrganization(draft))
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let at = format!("organizations/{}", answer.output.id);
    let made = Organization::from(&answer.output);
    Ok(created(answer.replayed, &at, &made))
}

async fn list_organizations(
    State(app): State<App>,
    Asker(caller): Asker,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListOrganizations {
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
    };
    let page = ask(&app, &caller, question).await?;
    let list = OrganizationList {
        organizations: page.items.iter().map(Organization::from).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

async fn get_organization(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetOrganization {
        organization_id: ids.id("organization_id")?,
    };
    let found = ask(&app, &caller, question).await?;
    Ok(answered(false, &Organization::from(&found)))
}

async fn create_account(
    State(app): State<App>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let read: Result<_, Fault> = async {
        let sent: NewAccount = sent(&headers, body).await?;
        let draft = sent.draft().map_err(Fault::invalid)?;
        Ok(CreateAccount(draft))
    }
    .await;
    let answer = trade(&app, &caller, &headers, read).await?;
    let at = format!("accounts/{}", answer.output.id);
    let made = Account::from(&answer.output);
    Ok(created(answer.replayed, &at, &made))
}

async fn list_accounts(
    State(app): State<App>,
    Asker(caller): Asker,
    uri: Uri,
) -> Result<Response, Rejection> {
    let paging = Paging::read(&uri)?;
    let question = ListAccounts {
        limit: paging.limit(),
        offset: paging.offset(),
        search: paging.search,
    };
    let page = ask(&app, &caller, question).await?;
    let list = AccountList {
        accounts: page.items.iter().map(Account::from).collect(),
        total_count: page.total,
        limit: page.limit.into(),
        offset: page.offset.into(),
    };
    Ok(answered(false, &list))
}

async fn get_account(
    State(app): State<App>,
    Asker(caller): Asker,
    ids: Ids,
) -> Result<Response, Rejection> {
    let question = GetAccount {
        account_id: ids.id("account_id")?,
    };
    let found = ask(&app, &caller, question).await?;
    Ok(answered(false, &Account::from(&found)))
}
