/**
 * The witness: a small Perl program (no modules, 6 MB) that listens to the kernel's process connector and remembers how
 * the last 16,384 processes of this machine ended. Only a parent gets an exit status, and agents reap their servers
 * within a millisecond; the connector tells everybody: root always, any user since Linux 6.6. Node cannot open a netlink
 * socket, a native addon is out of the question, and Perl is on every Debian, Ubuntu and Fedora.
 *
 * It sleeps until something ends. A filter inside the kernel drops the ends of mere threads. It leaves when its stdin
 * closes, that is with the service. Layouts: linux/cn_proc.h, linux/connector.h, linux/netlink.h, linux/filter.h.
 *
 * stdin: `PID PID …`; stdout: one line `PID=NS,STATUS;NS,STATUS PID=…` of those it knows, oldest first. First of all it
 * says `ready` after it saw the end of a child of its own, or `failed REASON`.
 */
export const WITNESS_SCRIPT = String.raw`
use strict;
$0 = 'rampart-witness';
$| = 1;
$SIG{PIPE} = 'IGNORE';
sub fail { print "failed $_[0]\n"; exit 0 }

socket(my $s, 16, 2, 11) or fail("socket: $!");
setsockopt($s, 1, 8, pack('i', 1 << 20));
my $code = join '', map { pack 'SCCL', @$_ }
  [0x20, 0, 0, 52], [0x07, 0, 0, 0], [0x20, 0, 0, 56], [0x1d, 0, 1, 0], [0x06, 0, 0, 0xffffffff], [0x06, 0, 0, 0];
my $width = length pack('P', $code);
setsockopt($s, 1, 26, pack('S x' . ($width - 2) . ' P', 6, $code));
bind($s, pack('SSLL', 16, 0, 0, 1)) or fail("bind: $!");

sub listen_to {
  my $body = pack('L*', 1, @_);
  my $message = pack('LLLLSS', 1, 1, 0, 0, length $body, 0) . $body;
  send($s, pack('LSSLL', 16 + length $message, 3, 0, 0, $$) . $message, 0) or fail("send: $!");
}

my (%ends, @order);
sub hear {
  defined recv($s, my $event, 8192, 0) or return;
  length $event >= 68 && unpack('x36 L', $event) == 0x80000000 or return;
  my ($ns, $pid, $tgid, $status) = unpack('x44 Q LLL', $event);
  $pid == $tgid or return;
  push @{ $ends{$pid} }, "$ns,$status";
  push @order, $pid;
  return if @order <= 16384;
  my $oldest = shift @order;
  shift @{ $ends{$oldest} };
  delete $ends{$oldest} unless @{ $ends{$oldest} };
}

sub wait_for {
  my ($wanted, $seconds) = @_;
  my $bits = '';
  vec($bits, fileno $s, 1) = 1;
  my $until = time + $seconds + 1;
  while (time < $until) {
    my $ready = $bits;
    hear() if select($ready, undef, undef, 0.2) > 0;
    return 1 if $ends{$wanted};
  }
  return 0;
}

sub proved {
  listen_to(@_);
  my $child = fork;
  defined $child or fail("fork: $!");
  exit 7 unless $child;
  waitpid $child, 0;
  return wait_for($child, 1);
}

# Since 6.6 only the ends can be ordered; before, everything comes.
proved(0x80000000) || proved() or fail('silent');
print "ready\n";

my $asked = '';
while (1) {
  my $bits = '';
  vec($bits, fileno STDIN, 1) = 1;
  vec($bits, fileno $s, 1) = 1;
  select($bits, undef, undef, undef) > 0 or next;
  if (vec($bits, fileno $s, 1)) { hear(); next }
  sysread(STDIN, $asked, 65536, length $asked) or exit 0;
  while ($asked =~ s/^(.*)\n//) {
    print join(' ', map { $ends{$_} ? "$_=" . join(';', @{ $ends{$_} }) : () } split / /, $1), "\n";
  }
}
`;
