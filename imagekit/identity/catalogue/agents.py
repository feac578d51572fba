"""Enrolments and ids of agents: of distributions, of configuration management, of monitoring, of clouds.

Where Debian packages an agent (zypper, snapd, puppet, cfengine3, netdata, waagent, google-guest-agent, hyperv-daemons),
its paths are those in the package. Of the others they are from the vendor: the reference of chef-client's settings, of
salt-minion's ``pki_dir``, and of puppet.conf; the documents of Wazuh, of K3s (agent registration) and of AWS Systems
Manager (credential behaviour of the agent). The subscription manager's and RHN's are those that virt-sysprep resets.
"""

from __future__ import annotations

import re

from imagekit.identity.makers import ENROLMENT, NOT_NEEDED, Maker
from imagekit.identity.ways import Edited, Emptied, Removed, grouped, row
from imagekit.system.units import Job

_CFENGINE_JOB = Job(
    "imagekit-cfengine-key",
    "Make a new key for CFEngine",
    "[ -s /var/lib/cfengine3/ppkeys/localhost.priv ] || cf-key\n",
    before=("cfengine3", "cf-execd", "cf-serverd", "cf-monitord"),
)
_GCE_ID = re.compile(r"^[ \t]*instance_id[ \t]*=[ \t]*(?!0[ \t]*$)\S.*\n?", re.MULTILINE)

ITEMS = grouped(
    "agents",
    row(
        "rhsm",
        "registration with Red Hat",
        Removed(
            (
                "/etc/pki/consumer/*",
                "/etc/pki/entitlement/*",
                "/etc/sysconfig/rhn/{systemid,osad-auth.conf}",
            )
        ),
        maker=ENROLMENT,
    ),
    row(
        "suse",
        "registration with SUSE",
        Removed(("/etc/zypp/credentials.d/*",)),
        maker=ENROLMENT,
    ),
    row(
        "snapd",
        "device key of snapd",
        Removed(("/var/lib/snapd/device/private-keys-v1/*",)),
        default=False,
        brands=False,
        severity="warning",
        why="snapd's own state names the key, and nothing makes both anew but an image that snapd never ran in",
    ),
    row(
        "puppet",
        "certificate and state of the Puppet agent",
        Removed(("/var/lib/puppet/ssl/*", "/etc/puppetlabs/puppet/ssl/*", "/var/cache/puppet/state/*")),
        maker=Maker(always="the agent asks for a new certificate when it starts"),
        why="the server has to sign it",
    ),
    row(
        "chef",
        "key of the Chef client",
        Removed(("/etc/chef/{client,validation}.pem",)),
        maker=ENROLMENT,
    ),
    row(
        "salt",
        "key and id of the Salt minion",
        Removed(("/etc/salt/pki/minion/*", "/etc/salt/minion_id")),
        maker=Maker(always="the minion makes them when it starts"),
        why="the master has to accept the key",
    ),
    row(
        "cfengine",
        "key of CFEngine",
        Removed(("/var/lib/cfengine3/ppkeys/localhost.{priv,pub}",)),
        maker=Maker(job=_CFENGINE_JOB, program="/{usr/sbin,usr/bin}/cf-key"),
    ),
    row(
        "netdata",
        "id of the host for Netdata",
        Removed(("/var/lib/netdata/registry/netdata.public.unique.id",)),
        maker=Maker(always="Netdata makes one when it starts"),
    ),
    row(
        "wazuh",
        "enrolment of the Wazuh agent",
        Emptied(("/var/ossec/etc/client.keys",)),
        maker=ENROLMENT,
    ),
    row(
        "k3s",
        "password of a node of K3s",
        Removed(("/etc/rancher/node/password",)),
        maker=Maker(always="K3s makes one when it starts"),
    ),
    row(
        "aws",
        "registration and credentials of the SSM agent",
        Removed(("/var/lib/amazon/ssm/{credentials,registration,Vault/Store/*}",)),
        maker=Maker(always="the agent gets them of its instance; a hybrid node is to be registered anew"),
    ),
    row(
        "azure",
        "state of the Azure agent",
        Removed(("/var/lib/waagent/*",)),
        maker=Maker(always="the agent makes it when a clone is provisioned"),
        why="waagent -deprovision removes it as well",
    ),
    row(
        "gce",
        "state of the Google guest agent",
        Removed(("/var/lib/google/*", "/etc/google_instance_id")),
        Edited(("/etc/default/instance_configs.cfg",), lambda text: _GCE_ID.sub("", text)),
        maker=Maker(always="the agent makes it at the first boot of an instance"),
    ),
    row(
        "hyperv",
        "what a Hyper-V host told the guest",
        Removed(("/var/lib/hyperv/.kvp_pool_*",)),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
    ),
)
