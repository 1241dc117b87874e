# Who passes the conditions on a shared provider's claims:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
locals {
  github    = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
  gitlab    = "arn:aws:iam::111111111111:oidc-provider/gitlab.com"
  hcp       = "arn:aws:iam::111111111111:oidc-provider/app.terraform.io"
  buildkite = "arn:aws:iam::111111111111:oidc-provider/agent.buildkite.com"
  circleci  = "arn:aws:iam::111111111111:oidc-provider/oidc.circleci.com/org/8c5d9f4e-0000-4000-8000-000000000001"
  bitbucket = "arn:aws:iam::111111111111:oidc-provider/api.bitbucket.org/2.0/workspaces/ours/pipelines-config/identity/oidc"
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "repository" {
  type = string
}

resource "aws_iam_role" "github_any_star" {
  name = "github-any-star"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github } #~ RC028
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "*" }
      }
    }]
  })
}

resource "aws_iam_role" "github_owner_prefix" {
  name = "github-owner-prefix"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:ours*" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "github_owner_prefix_of_a_repository" {
  name = "github-owner-prefix-of-a-repository"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:ours*/app:*" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "github_any_owner_of_a_name" {
  name = "github-any-owner-of-a-name"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:*/app:ref:refs/heads/main" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "github_environment" {
  name = "github-environment"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:sub" = "environment:production" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "github_owner" {
  name = "github-owner"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:ours/*" } #~ RC031
      }
    }]
  })
}

resource "aws_iam_role" "github_repository" {
  name = "github-repository"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:ours/app:*" }
      }
    }]
  })
}

resource "aws_iam_role" "github_branch" {
  name = "github-branch"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:sub" = "repo:ours/app:ref:refs/heads/main" }
      }
    }]
  })
}

resource "aws_iam_role" "github_workflow" {
  name = "github-workflow"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:sub" = "job_workflow_ref:ours/flows/.github/workflows/deploy.yml@refs/heads/main" }
      }
    }]
  })
}

resource "aws_iam_role" "github_not_known" {
  name = "github-not-known"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:${var.repository}:*" }
      }
    }]
  })
}

resource "aws_iam_role" "github_literal_star" {
  name = "github-literal-star"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:sub" = "repo:ours*" }
      }
    }]
  })
}

resource "aws_iam_role" "github_any_repository_of_a_pinned_owner" {
  name = "github-any-repository-of-a-pinned-owner"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud"                 = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:repository_owner_id" = "4711"
        }
        StringLike = { "token.actions.githubusercontent.com:sub" = "repo:*" }
      }
    }]
  })
}

# The provider is there already.
data "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}

resource "aws_iam_role" "github_looked_up" {
  name               = "github-looked-up"
  assume_role_policy = data.aws_iam_policy_document.looked_up.json
}

data "aws_iam_policy_document" "looked_up" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [data.aws_iam_openid_connect_provider.github.arn] #~ RC028
    }
  }
}

resource "aws_iam_role" "github_no_subject_needed" {
  name = "github-no-subject-needed"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        "ForAllValues:StringLike" = { "token.actions.githubusercontent.com:sub" = "repo:ours/app:*" } #~ RC017
      }
    }]
  })
}

resource "aws_iam_role" "github_no_audience_needed" {
  name = "github-no-audience-needed"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github }
      Condition = {
        StringEqualsIfExists = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } #~ RC030
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:ours/app:*" }
      }
    }]
  })
}

resource "aws_iam_role" "gitlab_audience_only" {
  name = "gitlab-audience-only"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.gitlab } #~ RC028
      Condition = {
        StringEquals = { "gitlab.com:aud" = "https://gitlab.com" }
      }
    }]
  })
}

resource "aws_iam_role" "gitlab_prefix" {
  name = "gitlab-prefix"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.gitlab }
      Condition = {
        StringEquals = { "gitlab.com:aud" = "https://gitlab.com" }
        StringLike   = { "gitlab.com:sub" = "project_path:ours*:ref_type:branch:ref:main" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "gitlab_group" {
  name = "gitlab-group"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.gitlab }
      Condition = {
        StringEquals = { "gitlab.com:aud" = "https://gitlab.com" }
        StringLike   = { "gitlab.com:sub" = "project_path:ours/*:ref_type:branch:ref:main" } #~ RC031
      }
    }]
  })
}

resource "aws_iam_role" "gitlab_project" {
  name = "gitlab-project"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.gitlab }
      Condition = {
        StringEquals = { "gitlab.com:aud" = "https://gitlab.com", "gitlab.com:sub" = "project_path:ours/app:ref_type:branch:ref:main" }
      }
    }]
  })
}

resource "aws_iam_role" "hcp_audience_only" {
  name = "hcp-audience-only"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.hcp } #~ RC028
      Condition = {
        StringEquals = { "app.terraform.io:aud" = "aws.workload.identity" }
      }
    }]
  })
}

resource "aws_iam_role" "hcp_prefix" {
  name = "hcp-prefix"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.hcp }
      Condition = {
        StringEquals = { "app.terraform.io:aud" = "aws.workload.identity" }
        StringLike   = { "app.terraform.io:sub" = "organization:ours*:project:*" } #~ RC029
      }
    }]
  })
}

resource "aws_iam_role" "hcp_organization" {
  name = "hcp-organization"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.hcp }
      Condition = {
        StringEquals = { "app.terraform.io:aud" = "aws.workload.identity" }
        StringLike   = { "app.terraform.io:sub" = "organization:ours:*" } #~ RC031
      }
    }]
  })
}

resource "aws_iam_role" "hcp_workspace" {
  name = "hcp-workspace"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.hcp }
      Condition = {
        StringEquals = { "app.terraform.io:aud" = "aws.workload.identity" }
        StringLike   = { "app.terraform.io:sub" = "organization:ours:project:app:workspace:prod:run_phase:*" }
      }
    }]
  })
}

resource "aws_iam_role" "buildkite_audience_only" {
  name = "buildkite-audience-only"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.buildkite } #~ RC028
      Condition = {
        StringEquals = { "agent.buildkite.com:aud" = "sts.amazonaws.com" }
      }
    }]
  })
}

resource "aws_iam_role" "buildkite_pipeline" {
  name = "buildkite-pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.buildkite }
      Condition = {
        StringEquals = { "agent.buildkite.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "agent.buildkite.com:sub" = "organization:ours:pipeline:app:*" }
      }
    }]
  })
}

resource "aws_iam_role" "circleci_audience_only" {
  name = "circleci-audience-only"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.circleci } #~ RC031
      Condition = {
        StringEquals = { "oidc.circleci.com/org/8c5d9f4e-0000-4000-8000-000000000001:aud" = "8c5d9f4e-0000-4000-8000-000000000001" }
      }
    }]
  })
}

resource "aws_iam_role" "circleci_project" {
  name = "circleci-project"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.circleci }
      Condition = {
        StringEquals = { "oidc.circleci.com/org/8c5d9f4e-0000-4000-8000-000000000001:aud" = "8c5d9f4e-0000-4000-8000-000000000001" }
        StringLike   = { "oidc.circleci.com/org/8c5d9f4e-0000-4000-8000-000000000001:sub" = "org/8c5d9f4e-0000-4000-8000-000000000001/project/3f1e/user/*" }
      }
    }]
  })
}

resource "aws_iam_role" "bitbucket_audience_only" {
  name = "bitbucket-audience-only"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.bitbucket } #~ RC031
      Condition = {
        StringEquals = { "api.bitbucket.org/2.0/workspaces/ours/pipelines-config/identity/oidc:aud" = "ari:cloud:bitbucket::workspace/1b7e" }
      }
    }]
  })
}

resource "aws_iam_role" "bitbucket_repository" {
  name = "bitbucket-repository"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.bitbucket }
      Condition = {
        StringEquals = { "api.bitbucket.org/2.0/workspaces/ours/pipelines-config/identity/oidc:aud" = "ari:cloud:bitbucket::workspace/1b7e" }
        StringLike   = { "api.bitbucket.org/2.0/workspaces/ours/pipelines-config/identity/oidc:sub" = "{7d2c}:*" }
      }
    }]
  })
}

resource "aws_iam_role" "cognito_any_pool" {
  name = "cognito-any-pool"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" } #~ RC028
      Condition = { "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "authenticated" } }
    }]
  })
}

resource "aws_iam_role" "cognito_our_pool" {
  name = "cognito-our-pool"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Condition = { StringEquals = { "cognito-identity.amazonaws.com:aud" = "eu-west-1:7c1b0c9e-7a39-4f0e-9d0c-1f3a5b7d9e11" }, "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "authenticated" } }
    }]
  })
}

resource "aws_iam_role" "google_any_user" {
  name = "google-any-user"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "accounts.google.com" } #~ RC028
      Condition = { StringLike = { "accounts.google.com:sub" = "*" } }
    }]
  })
}

resource "aws_iam_role" "google_our_application" {
  name = "google-our-application"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "accounts.google.com" }
      Condition = { StringEquals = { "accounts.google.com:aud" = "4711.apps.googleusercontent.com" } }
    }]
  })
}
