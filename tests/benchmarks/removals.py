"""What a default virt-sysprep removes from a Debian guest, as patterns of the kind ``delete``: data only.

From virt-sysprep(1), operation by operation; those for other families, and the machine-id and the host keys, which
have kinds of their own, are left out. ``backup-files`` walks whole trees there and goes four folders deep here. The
peers and imagekit were seen to remove the same files of the image that is measured.
"""

from __future__ import annotations

REMOVALS: dict[str, tuple[str, ...]] = {
    "abrt-data": ("/var/spool/abrt/*",),
    "backup-files": ("/{etc,root,srv,tmp,var}/{,*/,*/*/,*/*/*/}{*,.*}{.bak,~}",),
    "bash-history": ("/{root,home/*}/.bash_history",),
    "blkid-tab": ("/{var/run,etc/blkid,etc}/blkid.tab", "/{var/run,etc/blkid,etc}/blkid.tab.old"),
    "crash-data": ("/var/crash/*", "/var/log/dump/*"),
    "cron-spool": ("/var/spool/cron/*/*", "/var/spool/at/*", "/var/spool/{atjobs,atspool}/*"),
    "dhcp-client-state": ("/var/lib/{dhclient,dhcp}/*",),
    "dhcp-server-state": ("/var/lib/dhcpd/*",),
    "dovecot-data": ("/var/lib/dovecot/*",),
    "ipa-client": (
        "/etc/ipa/{ca.crt,default.conf}",
        "/var/lib/ipa-client/{sysrestore,pki}/*",
        "/etc/pki/ca-trust/source/anchors/ipa-ca.crt",
        "/usr/local/share/ca-certificates/ipa-ca.crt",
        "/etc/pki/ca-trust/source/ipa.p11-kit",
    ),
    "kerberos-hostkeytab": ("/etc/krb5.keytab",),
    "logfiles": (
        "/var/log/*.log*",
        "/var/log/{btmp,cron,dmesg,lastlog,maillog,messages,secure,spooler,tallylog,wtmp}*",
        "/var/log/{aptitude,debug,faillog,firewalld,grubby,syslog,xferlog}*",
        "/var/log/{ConsoleKit,anaconda,apt,audit,exim4,gdm,installer,journal,lightdm,mail,ntpstats,rhsm,sa}/*",
        "/var/log/apache2/*_log",
        "/var/log/apache2/*_log-*",
        "/var/log/{ceph,chrony,setroubleshoot,squid}/*.log",
        "/var/log/{ntp,anaconda.syslog,tuned/tuned.log,BackupPC/LOG,ppp/connect-errors,jetty/jetty-console.log}",
        "/var/log/cups/*_log*",
        "/var/log/glusterfs/{*glusterd.vol.log,glusterfs.log}",
        "/var/log/httpd/*log",
        "/var/log/libvirt/{libvirtd.log,libxl/*.log,lxc/*.log,qemu/*.log,uml/*.log}",
        "/var/named/data/named.run",
        "/var/lib/logrotate.status",
        "/root/{install.log,install.log.syslog,anaconda-post.log}",
        "/root/{anaconda-ks,initial-setup-ks,original-ks}.cfg",
        "/var/cache/{gdm,fontconfig,man}/*",
        "/var/lib/{AccountService/users,fprint}/*",
        "/etc/Pegasus/*.{cnf,crt,csr,pem,srl}",
    ),
    "mail-spool": ("/var/spool/mail/*", "/var/mail/*"),
    "pacct-log": ("/var/log/account/pacct*",),
    "package-manager-cache": (
        "/var/cache/apt/archives/*.deb",
        "/var/cache/apt/archives/lock",
        "/var/cache/apt/archives/partial/*",
    ),
    "pam-data": ("/var/run/{console,faillock,sepermit}/*",),
    "passwd-backups": ("/etc/{passwd,shadow,group,gshadow,subuid,subgid}-",),
    "puppet-data-log": ("/var/log/puppet/*", "/var/lib/puppet/*/*"),
    "samba-db-log": ("/var/log/samba/*", "/var/lib/samba/*"),
    "smolt-uuid": ("/etc/sysconfig/hw-uuid", "/etc/smolt/{uuid,hw-uuid}"),
    "ssh-userdir": ("/{root,home/*}/.ssh",),
    "sssd-db-log": ("/var/log/sssd/*", "/var/lib/sss/db/*"),
    "tmp-files": ("/tmp/*", "/tmp/.*", "/var/tmp/*", "/var/tmp/.*"),
    "udev-persistent-net": ("/etc/udev/rules.d/70-persistent-net.rules",),
    "utmp": ("/var/run/utmp",),
}
