export type Shell = 'bash' | 'zsh' | 'fish';
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** The text a shell sources. It asks the program itself at each key, so it never falls behind it. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for mydocker-compose
_mydocker_compose() {
  local line candidates=() files=
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=yes; else candidates+=("\${line%%$'\\t'*}"); fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=("\${candidates[@]}")
  [[ \${candidates[0]} == *= ]] && compopt -o nospace 2>/dev/null
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _mydocker_compose mydocker-compose
`,
  zsh: `#compdef mydocker-compose
_mydocker_compose() {
  local line files=
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=yes; else candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -V 'mydocker-compose' candidates
  [[ -n $files ]] && _files
}
compdef _mydocker_compose mydocker-compose
`,
  fish: `# fish completion for mydocker-compose
function __mydocker_compose_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  set -l current (commandline -ct)
  for line in ($program __complete -- $words "$current" 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c mydocker-compose -f -a '(__mydocker_compose_complete)'
`,
};
