package zoomtest

// OwnDomain is the domain of everybody's address.
const OwnDomain = "example.com"

// roles of the account. A member may read little; the built-in administrator nearly everything.
var roles = []Role{
	{ID: roleOwner, Name: "Owner", Type: "common", Description: "Account owner has full privileges to access and manage an account.", Privileges: []string{
		"User:Read", "User:Edit", "Role:Read", "Role:Edit", "Group:Read", "Group:Edit", "AccountSetting:Read", "AccountSetting:Edit", "AccountProfile:Read",
		"AccountProfile:Edit", "Billing:Read", "Billing:Edit", "Report:Read", "Dashboard:Read", "RecordingManagement:Read", "RecordingManagement:Edit",
		"Integration:Read", "Integration:Edit", "SecurityControl:Read", "SecurityControl:Edit", "ImChannel:Read", "ImChannel:Edit",
	}},
	{ID: roleAdmin, Name: "Admin", Type: "common", Description: "Admin manages the account.", Privileges: []string{
		"User:Read", "User:Edit", "Role:Read", "Group:Read", "Group:Edit", "AccountSetting:Read", "AccountSetting:Edit", "AccountProfile:Read", "Report:Read",
		"Dashboard:Read", "RecordingManagement:Read", "RecordingManagement:Edit", "Integration:Read", "ImChannel:Read", "ImChannel:Edit",
	}},
	{ID: roleMember, Name: "Member", Type: "common", Description: "Member has no administrative privileges.", Privileges: []string{}},
	{ID: roleBilling, Name: "Billing Admin", Type: "common", Description: "Invoices and plans", Privileges: []string{"Billing:Read", "Billing:Edit", "User:Read", "Report:Read"}},
}

// Roles implements Organization.
func (c *Company) Roles() []Role {
	out := make([]Role, 0, len(roles))
	for _, r := range roles {
		r.Privileges = append([]string{}, r.Privileges...)
		out = append(out, r)
	}
	return out
}

// Groups implements Organization: one group a department, and one of those who record.
func (c *Company) Groups() []Group {
	var out []Group
	for n := range len(departments) + 1 {
		out = append(out, Group{c.groupID(n), groupName(n)})
	}
	return out
}

// IMGroups implements Organization: the departments as they show among the contacts.
func (c *Company) IMGroups() []Group {
	out := c.Groups()[:len(departments)]
	for i := range out {
		out[i].ID = "im" + out[i].ID
	}
	return out
}

// ManagedDomains implements Organization.
func (c *Company) ManagedDomains() []ManagedDomain {
	return []ManagedDomain{{OwnDomain, "verified"}, {"corp." + OwnDomain, "verified"}, {"events." + OwnDomain, "pending"}}
}

// TrustedDomains implements Organization: the company's own, and one of the partners.
func (c *Company) TrustedDomains() []string { return []string{OwnDomain, partnerDomain(0)} }

// HostKey implements Organization: six digits.
func (c *Company) HostKey(userID string) string {
	p := c.byID(userID)
	if p == nil {
		return ""
	}
	h := hash(c.opt.Seed, forPersonSettings, p.index, -1)
	b := [6]byte{}
	for i := range b {
		b[i] = byte('0' + h%10)
		h /= 10
	}
	return string(b[:])
}
