variable "name" {
  description = "Name of the role. A fixed name, not a prefix: the other account has to know the ARN before the role exists."
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

variable "services" {
  description = "Services that may assume the role on the task's behalf."
  type        = set(string)
  default     = ["ecs-tasks.amazonaws.com"]
  nullable    = false

  validation {
    condition     = length(var.services) > 0
    error_message = "services is empty: nothing could run as this role."
  }
  validation {
    condition     = alltrue([for service in var.services : can(regex("^[a-z0-9.-]+[.]amazonaws[.]com([.]cn)?$", service))])
    error_message = "services must be service principals like ecs-tasks.amazonaws.com, without wildcards."
  }
}

variable "restrict_source" {
  description = "Whether the trust policy demands that the service acts for this account (aws:SourceAccount and aws:SourceArn), the guard against a confused deputy. Known to work with ecs-tasks.amazonaws.com."
  type        = bool
  default     = true
  nullable    = false
}

variable "switch_roles" {
  description = "Roles the task may assume, by a name of your choice: the links of modules/switch-role, or plain values."
  type = map(object({
    account_id          = string
    name                = string
    path                = optional(string, "/")
    external_id         = optional(string)
    tag_session         = optional(bool, false)
    set_source_identity = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for role in values(var.switch_roles) : can(regex("^[0-9]{12}$", role.account_id))])
    error_message = "switch_roles: account_id must be twelve digits. A wildcard would let the task assume roles in accounts nobody named."
  }
  validation {
    condition     = alltrue([for role in values(var.switch_roles) : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", role.name))])
    error_message = "switch_roles: name must be the name of one role, 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ and -, without wildcards and without the path."
  }
  validation {
    condition     = alltrue([for role in values(var.switch_roles) : can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", role.path))])
    error_message = "switch_roles: path must be / or begin and end with a slash, like /tasks/, without wildcards."
  }
  validation {
    condition     = length(distinct([for key in keys(var.switch_roles) : upper(replace(key, "/[^A-Za-z0-9]/", "_"))])) == length(var.switch_roles)
    error_message = "switch_roles: two keys make the same environment variable name; they must differ in more than case and punctuation."
  }
}

variable "statements" {
  description = "What else the role may do, in its own account: statements of its identity policy, by Sid. A condition is written as in JSON: operator, key, values."
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
    condition     = length(setintersection(keys(var.statements), ["AssumeSwitchRoles", "TagSwitchRoleSessions", "SetSwitchRoleSourceIdentity"])) == 0
    error_message = "statements: AssumeSwitchRoles, TagSwitchRoleSessions and SetSwitchRoleSourceIdentity are the Sids of what switch_roles makes."
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
  description = "ARN of the permissions boundary. It has to allow sts:AssumeRole on every role of switch_roles, or the task cannot switch."
  type        = string
  default     = null
}

variable "max_session_duration" {
  description = "Longest session of the role, in seconds, 3600 to 43200."
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
