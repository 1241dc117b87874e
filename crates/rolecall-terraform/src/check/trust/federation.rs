//! Providers of one's own: whether a role says which of their assertions or certificates it is for.

use rolecall_iam::{Given, LetIn};

use super::{Checking, Finding, Trusting};

/// A trust anchor that is another one than whichever is meant.
const OTHER_ANCHOR: &str = "trust-anchor/00000000-0000-4000-8000-000000000000";

impl Checking<'_> {
    /// Sign-in by SAML without a condition on the assertion, and Roles Anywhere without one on the trust anchor.
    pub(super) fn federation(&self, trusting: &Trusting<'_>) -> Option<Finding> {
        let saml = trusting.statement.providers().find(|provider| provider.contains(":saml-provider/"));
        if let Some(provider) = saml {
            return self.saml(trusting, provider);
        }
        let is_anywhere = trusting.written.document.policy.let_in().any(|(statement, who)| {
            std::ptr::eq(statement, trusting.statement)
                && who == LetIn::Service("rolesanywhere.amazonaws.com")
        });
        is_anywhere.then(|| self.roles_anywhere(trusting)).flatten()
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html>
    fn saml(&self, trusting: &Trusting<'_>, provider: &str) -> Option<Finding> {
        let mut given = Given::default();
        given.context.insert("SAML:aud", "https://somebody-else.example/saml");
        let role = trusting.role;
        if !self.is_let_in(provider, "sts:AssumeRoleWithSAML", role, &given) {
            return None;
        }
        let sentence = format!("{} takes every assertion of its SAML provider", self.called(role));
        let label = (trusting.principals(), "no condition says for whom the assertion must be");
        let help = "demand `SAML:aud` under StringEquals: `https://signin.aws.amazon.com/saml`";
        Some(trusting.finding("RC033", sentence, label, "SAML").help(help))
    }

    /// <https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html>
    fn roles_anywhere(&self, trusting: &Trusting<'_>) -> Option<Finding> {
        let role = trusting.role;
        let account = rolecall_iam::Arn::parse(role)?.account;
        let mut given = Given::default();
        let anchor = format!("arn:aws:rolesanywhere:us-east-1:{account}:{OTHER_ANCHOR}");
        given.context.insert("aws:SourceArn", anchor);
        given.context.insert("aws:SourceAccount", account);
        if !self.is_let_in("rolesanywhere.amazonaws.com", "sts:AssumeRole", role, &given) {
            return None;
        }
        let sentence =
            format!("{} takes certificates of every trust anchor of its account", self.called(role));
        let label = (trusting.principals(), "no condition says which trust anchor");
        let help = "demand the trust anchor under ArnEquals on `aws:SourceArn`, and of the certificate what tells whose it \
                    is: `aws:PrincipalTag/x509Subject/CN`";
        Some(trusting.finding("RC033", sentence, label, "Roles Anywhere").help(help))
    }
}
