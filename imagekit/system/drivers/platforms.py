"""The platforms: which modules, agents and consoles a guest needs on each.

Modules are those of Linux' own drivers; names of packages and services are the distributions' own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from imagekit.system.drivers.model import Agent, Console, Drivers, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

_PC = ("x86_64", "i686")
_PC_AND_ARM = (*_PC, "aarch64")

# The first serial port of a PC, and what is in its place elsewhere (serial-console.rst, Linux).
_SERIAL = MappingProxyType(
    {"x86_64": "ttyS0", "i686": "ttyS0", "aarch64": "ttyAMA0", "armv7l": "ttyAMA0", "ppc64le": "hvc0"}
)
_SERIAL_PC = MappingProxyType({"x86_64": "ttyS0", "i686": "ttyS0", "aarch64": "ttyS0"})

# Debian's unit has no [Install] section: udev starts it with the port org.qemu.guest_agent.0.
_QEMU_AGENT = MappingProxyType(
    dict.fromkeys(("debian", "rhel", "suse", "arch", "alpine"), Agent("qemu-guest-agent", ("qemu-guest-agent",)))
)
_VIRTIO = Drivers(
    disk=(("virtio_pci", "virtio_mmio"), ("virtio_blk", "virtio_scsi")),
    early=("sd_mod", "ahci"),
    network=(("virtio_net",),),
    useful=("virtio_console", "virtio_balloon", "virtio_rng"),
)

_OPEN_VM_TOOLS = Agent("open-vm-tools", ("vmtoolsd",), remnants=("open-vm-tools-desktop",))
_VMWARE_AGENTS = MappingProxyType(
    {
        "debian": Agent("open-vm-tools", ("open-vm-tools",), remnants=("open-vm-tools-desktop",)),
        # The metapackage of Ubuntu's server would go with it.
        "ubuntu": Agent(
            "open-vm-tools",
            ("open-vm-tools",),
            remnants=("open-vm-tools-desktop",),
            needed_by=("ubuntu-server", "ubuntu-server-minimal"),
        ),
        "rhel": _OPEN_VM_TOOLS,
        "suse": _OPEN_VM_TOOLS,
        "arch": Agent("open-vm-tools", ("vmtoolsd",)),
        "alpine": Agent("open-vm-tools", ("open-vm-tools",)),
    }
)

_LINUX_NAMES = ("hv_kvp_daemon", "hv_vss_daemon", "hv_fcopy_daemon", "hv_fcopy_uio_daemon")
_DASHED_NAMES = ("hv-kvp-daemon", "hv-vss-daemon", "hv-fcopy-daemon")
_HYPERV_AGENTS = MappingProxyType(
    {
        "debian": Agent("hyperv-daemons", _DASHED_NAMES),
        "ubuntu": Agent(
            "linux-cloud-tools-virtual",
            _DASHED_NAMES,
            variants=("linux-cloud-tools-generic", "linux-cloud-tools-azure"),
            remnants=("linux-cloud-tools-common",),
        ),
        "rhel": Agent(
            "hyperv-daemons",
            ("hypervkvpd", "hypervvssd", "hypervfcopyd"),
            remnants=("hypervkvpd", "hypervvssd", "hypervfcopyd", "hyperv-daemons-license"),
        ),
        "suse": Agent("hyper-v", _LINUX_NAMES),
        "arch": Agent("hyperv", _LINUX_NAMES),
        "alpine": Agent("hvtools", _LINUX_NAMES),
    }
)
_HYPERV = Drivers(
    disk=(("hv_vmbus",), ("hv_storvsc",)),
    early=("sd_mod", "pci_hyperv", "hyperv_keyboard", "hid_hyperv"),
    network=(("hv_netvsc",),),
    useful=("hv_utils", "hv_balloon", "udf"),
)

_XE_SERVICES = ("xe-linux-distribution", "xe-daemon")
_XEN_AGENTS = MappingProxyType(
    {
        "debian": Agent("xe-guest-utilities", _XE_SERVICES, packaged=False),
        "ubuntu": Agent("xe-guest-utilities", _XE_SERVICES),
        "rhel": Agent("xe-guest-utilities-latest", _XE_SERVICES, packaged=False, variants=("xe-guest-utilities",)),
        "fedora": Agent("xe-guest-utilities-latest", _XE_SERVICES, variants=("xe-guest-utilities",)),
        "suse": Agent("xen-tools-domU"),
        "alpine": Agent("xe-guest-utilities", ("xe-guest-utilities",)),
    }
)

_VBOX_UTILS = ("virtualbox-guest-utils", "vboxadd-service")
_VIRTUALBOX_AGENTS = MappingProxyType(
    {
        "debian": Agent("virtualbox-guest-utils", _VBOX_UTILS, packaged=False, remnants=("virtualbox-guest-x11",)),
        "ubuntu": Agent("virtualbox-guest-utils", _VBOX_UTILS, remnants=("virtualbox-guest-x11",)),
        "rhel": Agent("virtualbox-guest-additions", ("vboxservice",), packaged=False),
        "fedora": Agent("virtualbox-guest-additions", ("vboxservice",)),
        "suse": Agent("virtualbox-guest-tools", ("vboxservice",), remnants=("virtualbox-guest-x11",)),
        "arch": Agent("virtualbox-guest-utils-nox", ("vboxservice",), variants=("virtualbox-guest-utils",)),
        "alpine": Agent("virtualbox-guest-additions", ("virtualbox-guest-additions",)),
    }
)

_AZURE_AGENTS = MappingProxyType(
    {
        "debian": Agent("waagent", ("walinuxagent",), variants=("walinuxagent",)),
        "ubuntu": Agent("walinuxagent", ("walinuxagent",)),
        "rhel": Agent("WALinuxAgent", ("waagent",)),
        "suse": Agent("python-azure-agent", ("waagent",)),
    }
)

PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        "kvm": Platform("KVM", _VIRTIO, agents=_QEMU_AGENT, console=Console(_SERIAL)),
        "vmware": Platform(
            "VMware",
            Drivers(
                disk=(("vmw_pvscsi", "mptspi", "mptsas", "ahci", "nvme"),),
                early=("sd_mod",),
                network=(("vmxnet3", "e1000e"),),
                useful=("vmw_balloon", "vmw_vsock_vmci_transport", "vmwgfx"),
            ),
            arches=_PC_AND_ARM,
            agents=_VMWARE_AGENTS,
        ),
        "hyperv": Platform("Hyper-V", _HYPERV, arches=_PC_AND_ARM, agents=_HYPERV_AGENTS),
        "xen": Platform(
            "Xen",
            Drivers(disk=(("xen_blkfront",),), network=(("xen_netfront",),), useful=("xen_pcifront",)),
            arches=_PC_AND_ARM,
            agents=_XEN_AGENTS,
            console=Console(MappingProxyType(dict.fromkeys(_PC_AND_ARM, "hvc0"))),
        ),
        "virtualbox": Platform(
            "VirtualBox",
            Drivers(
                disk=(("ahci", "ata_piix"),),
                early=("sd_mod", "virtio_pci", "virtio_blk", "virtio_scsi"),
                network=(("e1000", "virtio_net"),),
                useful=("vboxguest", "vboxsf"),
            ),
            arches=_PC_AND_ARM,
            agents=_VIRTUALBOX_AGENTS,
        ),
        "aws": Platform(
            "Amazon EC2",
            Drivers(disk=(("nvme",),), early=("xen_blkfront",), network=(("ena",),)),
            arches=_PC_AND_ARM,
            agents=MappingProxyType({"debian": Agent("amazon-ec2-utils"), "ubuntu": None}),
            console=Console(_SERIAL_PC, verbose=True),
        ),
        "azure": Platform(
            "Azure",
            Drivers(
                disk=_HYPERV.disk,
                early=(*_HYPERV.early, "nvme"),
                network=_HYPERV.network,
                useful=("hv_utils", "hv_balloon", "udf", "mana", "mlx5_core"),
            ),
            arches=("x86_64", "aarch64"),
            agents=_AZURE_AGENTS,
            console=Console(
                MappingProxyType({"x86_64": "ttyS0", "aarch64": "ttyAMA0"}), ("earlyprintk=ttyS0",), verbose=True
            ),
        ),
        "gcp": Platform(
            "Google Compute Engine",
            Drivers(
                disk=(("virtio_scsi", "nvme"),),
                early=("virtio_pci", "sd_mod"),
                network=(("virtio_net", "gve"),),
                useful=("gve",),
            ),
            arches=("x86_64", "aarch64"),
            agents=MappingProxyType(
                {
                    "debian": Agent("google-guest-agent", ("google-guest-agent",)),
                    "rhel": Agent("google-guest-agent", ("google-guest-agent",), packaged=False),
                    "suse": Agent("google-guest-agent", ("google-guest-agent",)),
                }
            ),
            console=Console(_SERIAL_PC, verbose=True),
        ),
        "openstack": Platform("OpenStack", _VIRTIO, agents=_QEMU_AGENT, console=Console(_SERIAL, verbose=True)),
        "proxmox": Platform("Proxmox VE", _VIRTIO, agents=_QEMU_AGENT, console=Console(_SERIAL)),
        "nutanix": Platform("Nutanix AHV", _VIRTIO, arches=("x86_64",), console=Console(_SERIAL)),
    }
)
"""By the name that a spec has for them."""
