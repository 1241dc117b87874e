variable "name" {
  description = "Name of the role. A fixed name, not a prefix: the task has to know the ARN before the role exists."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ and -."
  }
}

variable "path" {
  description = "Path of the role, part of its ARN."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.path))
    error_message = "path must be / or begin and end with a slash, like /tasks/."
  }
}

variable "account_id" {
  description = "Account the role is created in. When set, nothing is asked of AWS at plan; it must be the account of the provider (see allowed_account_ids there). When null, it is read with sts:GetCallerIdentity."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits, in quotes so that leading zeros stay."
  }
}

variable "partition" {
  description = "Partition of both accounts: aws, aws-cn, aws-us-gov or another."
  type        = string
  default     = "aws"
  nullable    = false

  validation {
    condition     = can(regex("^aws(-[a-z]+)*$", var.partition))
    error_message = "partition must be aws, aws-cn, aws-us-gov or another that begins with aws-."
  }
}

variable "trusted" {
  description = "Roles that may assume this one, by a name of your choice: the link of modules/task-role, or plain values. A key becomes a statement's Sid."
  type = map(object({
    account_id = string
    name       = string
    path       = optional(string, "/")
  }))
  nullable = false

  validation {
    condition     = length(var.trusted) > 0
    error_message = "trusted is empty: nobody could assume this role."
  }
  validation {
    condition     = alltrue([for key in keys(var.trusted) : can(regex("^[A-Za-z0-9]+$", key)) && !contains(["TagSession", "SetSourceIdentity"], key)])
    error_message = "trusted: a key becomes a statement's Sid and must be letters and digits only, and neither TagSession nor SetSourceIdentity."
  }
  validation {
    condition     = alltrue([for role in values(var.trusted) : can(regex("^[0-9]{12}$", role.account_id))])
    error_message = "trusted: account_id must be twelve digits. A wildcard would trust every AWS account there is."
  }
  validation {
    condition     = alltrue([for role in values(var.trusted) : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", role.name))])
    error_message = "trusted: name must be the name of one role, 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ and -, without wildcards and without the path."
  }
  validation {
    condition     = alltrue([for role in values(var.trusted) : can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", role.path))])
    error_message = "trusted: path must be / or begin and end with a slash, like /tasks/, without wildcards."
  }
}

variable "trust_by" {
  description = "How a trusted role is named. role: by its ARN as the principal; the role must exist first, and re-creating it breaks the trust. account: by its account as the principal and its ARN in a condition on aws:PrincipalArn; either side may be applied first, and the trust survives re-creation."
  type        = string
  default     = "role"
  nullable    = false

  validation {
    condition     = contains(["role", "account"], var.trust_by)
    error_message = "trust_by must be role or account."
  }
}

variable "external_ids" {
  description = "External id each trusted role has to send, by its key in trusted. For a role of another owner: one id for each, made by you, not guessable."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.external_ids) : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", id)) && length(id) <= 1224])
    error_message = "external_ids must be 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / and -."
  }
}

variable "org_id" {
  description = "Organization a trusted role has to belong to (aws:PrincipalOrgID), beside being named in trusted."
  type        = string
  default     = null

  validation {
    condition     = var.org_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.org_id))
    error_message = "org_id must be an organization's id, like o-a1b2c3d4e5."
  }
}

variable "session_name_pattern" {
  description = "Pattern the session name has to match (StringLike on sts:RoleSessionName), like orders-*."
  type        = string
  default     = null

  validation {
    condition     = var.session_name_pattern == null || can(regex("^[A-Za-z0-9_+=,.@*?-]{1,64}$", var.session_name_pattern))
    error_message = "session_name_pattern must be 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ - and the wildcards * and ?."
  }
}

variable "allow_tag_session" {
  description = "Whether a trusted role may pass session tags (sts:TagSession). Needed too when its own session carries transitive tags, as those of EKS Pod Identity do."
  type        = bool
  default     = false
  nullable    = false
}

variable "allow_set_source_identity" {
  description = "Whether a trusted role may set a source identity (sts:SetSourceIdentity). Needed too when its own session carries one."
  type        = bool
  default     = false
  nullable    = false
}

variable "statements" {
  description = "What the role may do in its account: statements of its identity policy, by Sid. A condition is written as in JSON: operator, key, values."
  type = map(object({
    effect    = optional(string, "Allow")
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(list(string))), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for sid in keys(var.statements) : can(regex("^[A-Za-z0-9]+$", sid))])
    error_message = "statements: a key becomes the statement's Sid and must be letters and digits only."
  }
  validation {
    condition     = alltrue([for statement in values(var.statements) : contains(["Allow", "Deny"], statement.effect)])
    error_message = "statements: effect must be Allow or Deny."
  }
  validation {
    condition     = alltrue([for statement in values(var.statements) : length(statement.actions) > 0 && length(statement.resources) > 0])
    error_message = "statements: actions and resources must not be empty."
  }
}

variable "policy_arns" {
  description = "Managed policies to attach, by a name of your choice that is known at plan."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary. It caps what statements and policy_arns allow."
  type        = string
  default     = null
}

variable "max_session_duration" {
  description = "Longest session of the role, in seconds, 3600 to 43200. A caller that is itself a role's session, as every task is, gets 3600 at most (role chaining), whatever stands here."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "max_session_duration must be 3600 to 43200 seconds."
  }
}

variable "description" {
  description = "Description of the role."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
}
