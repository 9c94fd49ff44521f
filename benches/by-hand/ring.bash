# What the scripts by hand share: names, addresses, who pings whom, and how it is timed. K and M are their arguments.
export PATH=$PATH:/usr/sbin:/sbin
K=$1 M=$2
if (( K < 1 || K > 4000 || M < 1 || M > 240 )); then
    echo "give 1 to 4000 VPCs and 1 to 240 instances" >&2
    exit 2
fi

# VPC $1 is 10.x.y.0/24, its router .1, its instances from .10.
block() { echo "10.$(( $1 >> 8 )).$(( $1 & 255 )).0/24"; }
address() { echo "10.$(( $1 >> 8 )).$(( $1 & 255 )).$(( $2 == 0 ? 1 : 9 + $2 ))"; }
# Side $2 of the peering between VPC $1 and the next.
transit() { echo "172.$(( 16 + ($1 >> 8) )).$(( $1 & 255 )).$2"; }

# Each VPC and the next; two VPCs are joined once.
peerings() {
    local v last=$K
    if (( K < 3 )); then last=$(( K - 1 )); fi
    for (( v = 1; v <= last; v++ )); do echo "$v $(( v % K + 1 ))"; done
}

namespaces() {
    local v m
    for (( v = 1; v <= K; v++ )); do
        echo "v$v"
        for (( m = 1; m <= M; m++ )); do echo "i$v-$m"; done
    done
}

# "namespace address" for every instance and all that it should reach: its own VPC and those beside it.
asked() {
    local v w m n
    for (( v = 1; v <= K; v++ )); do
        for w in $(printf '%s\n' "$v" $(( v % K + 1 )) $(( (v + K - 2) % K + 1 )) | sort -nu); do
            for (( m = 1; m <= M; m++ )); do
                for (( n = 1; n <= M; n++ )); do
                    if (( v != w || m != n )); then echo "i$v-$m $(address "$w" "$n")"; fi
                done
            done
        done
    done
}

# The firewall of VPC $1: answers, and what an instance of it sends or gets.
firewall() {
    local m elements=
    for (( m = 1; m <= M; m++ )); do elements+="$(address "$1" "$m") : accept, "; done
    cat <<- END
		table ip vpc {
		    map instances { type ipv4_addr : verdict; elements = { ${elements%, } }; }
		    chain forward {
		        type filter hook forward priority 0; policy drop;
		        ct state established,related accept
		        ip daddr vmap @instances
		        ip saddr vmap @instances
		    }
		}
	END
}

# Runs the script's up, matrix and down, and says what they took.
measure() {
    pairs=$(mktemp) answered=0
    trap 'rm -f "$pairs"' EXIT
    asked > "$pairs"
    local begin=$EPOCHREALTIME
    up
    local is_up=$EPOCHREALTIME
    matrix
    local pinged=$EPOCHREALTIME
    down
    local is_down=$EPOCHREALTIME
    awk -v a="$begin" -v b="$is_up" -v c="$pinged" -v d="$is_down" -v n="$answered" -v of="$(wc -l < "$pairs")" 'BEGIN {
        printf "{\"up_s\": %.4f, \"matrix_s\": %.4f, \"answered\": %d, \"asked\": %d, \"down_s\": %.4f}\n", b - a, c - b, n, of, d - c
    }'
}
