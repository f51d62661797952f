/**
 * What shells are told so that they ask us. Each passes the words up to the cursor, and gets lines of a value, a tab and a
 * description.
 */

// cspell:ignore compopt esac CWORD COMPREPLY compdef funcstack commandline

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = typeof SHELLS[number]

/** The hidden command that answers */
export const COMPLETE = '__complete'

/** Where the script goes, for the help */
export const INSTALL: Record<Shell, string> = {
  bash: 'libp2p-voting completion bash > ~/.local/share/bash-completion/completions/libp2p-voting',
  zsh: 'libp2p-voting completion zsh > "$fpath[1]/_libp2p-voting"',
  fish: 'libp2p-voting completion fish > ~/.config/fish/completions/libp2p-voting.fish'
}

/** Proposals are shown with their names where there are several: bash inserts what all of them begin with */
const BASH = `# bash completion of libp2p-voting
_libp2p_voting () {
  local value description
  local -a values=() shown=()

  COMPREPLY=()

  while IFS=$'\\t' read -r value description; do
    case "$value" in
      :files) compopt -o default 2>/dev/null; return ;;
      :folders) compopt -o dirnames 2>/dev/null; return ;;
    esac

    values+=("$value")

    if [[ $value =~ ^[0-9]+$ ]]; then
      shown+=("$value ($description)")
    else
      shown+=("$value")
    fi
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)

  if [[ \${#values[@]} -eq 1 ]]; then
    COMPREPLY=("\${values[0]}")
  elif [[ \${#values[@]} -gt 1 ]]; then
    COMPREPLY=("\${shown[@]}")
  fi
}

complete -F _libp2p_voting libp2p-voting
`

const ZSH = `#compdef libp2p-voting
# zsh completion of libp2p-voting
_libp2p_voting () {
  local value description
  local -a candidates

  while IFS=$'\\t' read -r value description; do
    case "$value" in
      :files) _files; return ;;
      :folders) _files -/; return ;;
    esac

    candidates+=("\${value//:/\\\\:}:$description")
  done < <("\${words[1]}" ${COMPLETE} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)

  _describe -V 'libp2p-voting' candidates
}

if [ "\${funcstack[1]}" = "_libp2p_voting" ]; then
  _libp2p_voting "$@"
else
  compdef _libp2p_voting libp2p-voting
fi
`

const FISH = `# fish completion of libp2p-voting
function __libp2p_voting_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)

  for line in ($words[1] ${COMPLETE} -- $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':files*'
        __fish_complete_path "$current"
      case ':folders*'
        __fish_complete_directories "$current"
      case '*'
        echo $line
    end
  end
end

complete -c libp2p-voting -f -k -a '(__libp2p_voting_complete)'
`

const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH }

export function completionScript (shell: Shell): string {
  return SCRIPTS[shell]
}
